#include "core/build/copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "core/build/local_archive.h"
#include "core/build/path_pattern.h"

namespace sockerless::core::build {
namespace {

constexpr std::int64_t kLargestArchive = std::int64_t{16} << 30;

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Does the work of one COPY or ADD.
class Copier {
 public:
  Copier(const CopyRequest& request, const FileTree& files, const std::function<bool(const std::string&)>& is_folder)
      : request_(request), files_(files), is_folder_(is_folder) {}

  CopyResult run() {
    find_sources();
    const std::size_t count = sources_.size() + request_.documents.size();
    if (count == 0) throw invalid(request_.keyword + " failed: no source files were specified");
    if (count > 1 && !ends_in_slash()) {
      throw invalid(
          fmt::format("When using {} with more than one source file, the destination must be a directory and "
                      "end with a /",
                      request_.keyword));
    }
    for (const std::string& source : sources_) copy(source);
    for (const Node& document : request_.documents) put_file(document.entry.name, document);
    result_.kind = count > 1 ? "multi" : result_.kind;
    return std::move(result_);
  }

 private:
  bool ends_in_slash() const { return request_.destination.ends_with('/'); }

  std::string target(const std::string& relative) const {
    const std::string path = clean_path(request_.destination + "/" + relative);
    return path == "/" ? "" : path.substr(1);
  }

  void find_sources() {
    for (const std::string& source : request_.sources) {
      const std::string clean = clean_path(source.starts_with('/') ? source.substr(1) : source);
      if (clean == ".." || clean.starts_with("../")) {
        throw invalid(
            fmt::format("{} failed: forbidden path outside the build context: {} ()", request_.keyword, source));
      }
      if (has_wildcards(clean)) {
        find_matches(source.substr(source.starts_with("./") ? 2 : source.starts_with('/') ? 1 : 0));
      } else {
        sources_.push_back(clean == "." ? "" : clean);
      }
    }
  }

  void find_matches(const std::string& text) {
    const PathPattern pattern(text, false);
    for (const auto& [path, node] : files_.all()) {
      if (pattern.matches(path)) sources_.push_back(path);
    }
  }

  Error no_such_file(const std::string& source) const {
    if (request_.from_context) {
      return invalid(
          fmt::format("{} failed: file not found in build context or excluded by .dockerignore: stat {}: file "
                      "does not exist",
                      request_.keyword, source));
    }
    return invalid(
        fmt::format("{} failed: stat {}: file does not exist: of the image it is copied from, only those "
                    "files are known that COPY and ADD have put there, because RUN is not executed",
                    request_.keyword, source));
  }

  void copy(const std::string& source) {
    const auto resolved = files_.resolve(source);
    if (!resolved || (!resolved->empty() && files_.find(*resolved) == nullptr)) throw no_such_file(source);
    if (files_.is_folder(*resolved)) {
      result_.kind = "dir";
      copy_folder(*resolved);
      return;
    }
    const Node& node = *files_.find(*resolved);
    result_.kind = "file";
    if (request_.unpacks) {
      if (const auto archive = read_local_archive(node, request_.work_folder, kLargestArchive)) {
        for (const auto& [path, member] : archive->all()) add(target(path), member, false);
        return;
      }
    }
    put_file(base_name(source), node);
  }

  void put_file(const std::string& name, const Node& node) {
    const bool is_inside = ends_in_slash() || is_folder_(clean_path(request_.destination));
    if (is_inside) add_folder();
    add(target(is_inside ? name : ""), node, true);
  }

  void copy_folder(const std::string& folder) {
    add_folder();
    for (const auto& [path, node] : files_.below(folder)) {
      add(target(folder.empty() ? path : path.substr(folder.size() + 1)), *node, true);
    }
  }

  // A folder that comes into being by this belongs to --chown; of others nothing is known, and they
  // must stay as the image has them.
  void add_folder() {
    const std::string path = target("");
    if (!request_.owner || path.empty() || is_folder_("/" + path) || has_folder_) return;
    has_folder_ = true;
    add(path, Node{.entry = {.type = TarType::directory, .mode = 0755}}, true);
  }

  void add(const std::string& path, Node node, bool takes_owner) {
    node.entry.name = node.entry.type == TarType::directory ? path + "/" : path;
    if (takes_owner) {
      const FileOwner owner = request_.owner.value_or(FileOwner{});
      node.entry.uid = owner.user;
      node.entry.gid = owner.group;
    }
    if (request_.mode && node.entry.type != TarType::symlink) node.entry.mode = *request_.mode;
    result_.layer.push_back(std::move(node));
  }

  const CopyRequest& request_;
  const FileTree& files_;
  const std::function<bool(const std::string&)>& is_folder_;
  std::vector<std::string> sources_;
  bool has_folder_ = false;
  CopyResult result_{.kind = "file"};
};

std::optional<std::uint32_t> parse_id(std::string_view text) {
  if (text == "root") return 0;
  std::uint32_t id = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace

CopyResult plan_copy(const CopyRequest& request, const FileTree& files,
                     const std::function<bool(const std::string&)>& is_folder) {
  return Copier(request, files, is_folder).run();
}

std::optional<FileOwner> parse_owner(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  const auto user = parse_id(text.substr(0, colon));
  const auto group = colon == text.size() ? user : parse_id(text.substr(colon + 1));
  if (!user || !group) return std::nullopt;
  return FileOwner{*user, *group};
}

std::uint32_t parse_mode(std::string_view text) {
  std::uint32_t mode = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size() || mode > 07777) {
    throw invalid(
        fmt::format("invalid chmod parameter: '{}'. it should be octal string and between 0 and 07777", text));
  }
  return mode;
}

}  // namespace sockerless::core::build
