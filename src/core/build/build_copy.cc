#include <fmt/format.h>

#include <algorithm>

#include "core/build/build.h"
#include "core/build/builder.h"
#include "core/build/path_pattern.h"
#include "core/usual_folders.h"

namespace sockerless::core::build {
namespace {

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

Error needs_buildkit(const std::string& flag) {
  return invalid(
      fmt::format("the --{} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how "
                  "to build images with BuildKit enabled",
                  flag));
}

bool is_remote(const std::string& source) {
  return source.starts_with("http://") || source.starts_with("https://") || source.starts_with("ftp://") ||
         source.starts_with("git@") || source.starts_with("git://");
}

// Whether the image has a folder there, as far as anybody knows: what the build has made, what its
// configuration names, and what images have as a rule.
bool is_folder_of(const FileTree& files, const std::set<std::string>& folders, const std::string& path) {
  if (path == "/" || folders.count(path) != 0 || is_usual_folder(path) || files.is_folder(path.substr(1))) return true;
  return std::any_of(folders.begin(), folders.end(),
                     [&](const std::string& folder) { return folder.starts_with(path + "/"); });
}

}  // namespace

Awaitable<void> Build::copy(Command command) {
  const std::string from = command.flags.count("from") != 0 ? command.flags.at("from") : "";
  const auto request = std::make_shared<const CopyRequest>(co_await copy_request(command));
  std::shared_ptr<const FileTree> files = context_;
  if (!from.empty()) files = co_await source_files(from);
  const CopyResult result = co_await builder_.workers_.run(
      [request, files, own = std::shared_ptr<const FileTree>(stage_.files), folders = stage_.folders] {
        return plan_copy(*request, *files, [&](const std::string& path) { return is_folder_of(*own, folders, path); });
      });
  const auto layer = std::make_shared<const Layer>(result.layer);
  LayerSource tar(builder_.workers_, layer);
  const std::string digest = co_await builder_.staging_.keep_layer(tar);
  ++builder_.pinned_[digest];
  kept_layers_.push_back(digest);
  for (const Node& node : *layer) stage_.files->put(clean_path("/" + node.entry.name).substr(1), node);
  const auto owner = command.flags.find("chown");
  const std::string chown = owner == command.flags.end() ? "" : fmt::format("--chown={} ", owner->second);
  co_await commit({.comment = fmt::format("#(nop) {} {}{}:{} in {} ", command.keyword(), chown, result.kind,
                                          digest.substr(digest.find(':') + 1), request->destination),
                   .layer = digest,
                   .size = size_of(*layer),
                   .shows_container = false});
}

Awaitable<CopyRequest> Build::copy_request(Command command) {
  for (const char* flag : {"link", "checksum", "keep-git-dir"}) {
    if (command.flags.count(flag) != 0) throw needs_buildkit(flag);
  }
  const Variables variables = variables_of(stage_, arguments_);
  CopyRequest request{.keyword = command.keyword(),
                      .from_context = command.flags.count("from") == 0,
                      .unpacks = command.keyword() == "ADD",
                      .work_folder = builder_.folder_};
  for (const HereDocument& document : command.instruction.documents) {
    const auto text = std::make_shared<const std::string>(
        document.expands ? expand_document(document.content, file_.escape, variables) : document.content);
    request.documents.push_back(Node{
        .entry = {.name = document.name, .mode = 0644, .size = static_cast<std::int64_t>(text->size())}, .text = text});
  }
  std::vector<std::string> words;
  for (const std::string& word : command.words) {
    if (!request.documents.empty() && word.find("<<") != std::string::npos) continue;
    words.push_back(expand(word, file_.escape, variables));
  }
  if (words.empty()) throw invalid(fmt::format("{} requires at least two arguments", command.keyword()));
  request.destination = container_path(stage_.image.config, words.back());
  words.pop_back();
  for (const std::string& source : words) {
    if (!is_remote(source)) continue;
    if (!request.unpacks) throw invalid("source can't be a URL for " + command.keyword());
    throw invalid(
        fmt::format("ADD failed: {} is not downloaded here: fetch it before the build and add the file", source));
  }
  request.sources = std::move(words);
  if (const auto flag = command.flags.find("chmod"); flag != command.flags.end()) {
    request.mode = parse_mode(expand(flag->second, file_.escape, variables));
  }
  if (const auto flag = command.flags.find("chown"); flag != command.flags.end()) {
    const std::string name = expand(flag->second, file_.escape, variables);
    request.owner = parse_owner(name);
    if (!request.owner) {
      co_await output_->warn(
          fmt::format("[Warning] --chown={}: names of users are not known here; the files belong to "
                      "root: use numbers\n",
                      name));
    }
  }
  co_return request;
}

Awaitable<std::shared_ptr<const FileTree>> Build::source_files(std::string from) {
  const std::string name = to_lower(from);
  for (std::size_t i = 0; i < done_.size(); ++i) {
    if (done_[i].name == name || std::to_string(i) == from) co_return done_[i].files;
  }
  const auto invalid_flag = [&](const std::string& why) {
    return invalid(fmt::format("invalid from flag value {}: {}", from, why));
  };
  if (from.find_first_not_of("0123456789") == std::string::npos) throw invalid_flag("index out of bounds");
  std::optional<Error> failure;
  ImageRecord image;
  try {
    image = co_await find_image(from, request_.platform);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) throw invalid_flag(failure->what());
  co_return co_await builder_.files_of(image.staged_layers);
}

}  // namespace sockerless::core::build
