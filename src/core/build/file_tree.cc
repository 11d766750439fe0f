#include "core/build/file_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "core/build/path_pattern.h"

namespace sockerless::core::build {
namespace {

constexpr int kMostLinks = 255;
constexpr std::size_t kMostMembers = 2'000'000;
constexpr std::size_t kReadSize = 256 * 1024;

Error unreadable(const std::string& path) {
  return {ErrorKind::internal, fmt::format("cannot read {}: {}", path, std::strerror(errno))};
}

// Neither leading nor closing slash; empty for the root, and for what leads out of it.
std::string tree_path(std::string_view name) {
  const std::string clean = clean_path("/" + std::string(name));
  return clean.substr(1);
}

// Collects what a TarReader tells.
class TreeMaker {
 public:
  explicit TreeMaker(std::shared_ptr<const SourceFile> source) : source_(std::move(source)) {}

  // `chunk` begins at `offset` of the file. True at the tar's end.
  bool take(TarReader& reader, std::string_view chunk, std::int64_t offset) {
    for (;;) {
      switch (reader.next()) {
        case TarReader::Event::need_input: return false;
        case TarReader::Event::end: return true;
        case TarReader::Event::failed: throw Error(ErrorKind::invalid_argument, reader.error());
        case TarReader::Event::entry:
          node_ = Node{.entry = reader.entry(), .source = source_};
          at_ = 0;
          break;
        case TarReader::Event::hole: at_ += reader.hole(); break;
        case TarReader::Event::data:
          add_piece(offset + (reader.data().data() - chunk.data()), static_cast<std::int64_t>(reader.data().size()));
          break;
        case TarReader::Event::entry_end: add_node(); break;
      }
    }
  }

  FileTree tree;

 private:
  void add_piece(std::int64_t offset, std::int64_t size) {
    if (!node_.pieces.empty()) {
      Piece& last = node_.pieces.back();
      if (last.at + last.size == at_ && last.offset + last.size == offset) {
        last.size += size;
        at_ += size;
        return;
      }
    }
    node_.pieces.push_back({at_, size, offset});
    at_ += size;
  }

  void add_node() {
    const std::string path = tree_path(node_.entry.name);
    if (path.empty()) return;
    if (++members_ > kMostMembers) {
      throw Error(ErrorKind::too_large, fmt::format("a build context may have {} files", kMostMembers));
    }
    if (node_.entry.type == TarType::hard_link) {
      const Node* target = tree.find(tree_path(node_.entry.link_name));
      if (target == nullptr) {
        throw Error(ErrorKind::invalid_argument, fmt::format("the tar has a hard link {} to {}, which is not in it",
                                                             node_.entry.name, node_.entry.link_name));
      }
      Node copy = *target;
      copy.entry.name = node_.entry.name;
      node_ = std::move(copy);
    }
    tree.put(path, std::move(node_));
    node_ = {};
  }

  std::shared_ptr<const SourceFile> source_;
  Node node_;
  std::int64_t at_ = 0;
  std::size_t members_ = 0;
};

}  // namespace

SourceFile::SourceFile(const std::string& path) : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0) throw unreadable(path);
}

SourceFile::~SourceFile() { ::close(file_); }

std::string SourceFile::read(std::int64_t offset, std::size_t count) const {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t n = ::pread(file_, bytes.data() + filled, count - filled, offset + static_cast<std::int64_t>(filled));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw unreadable(path_);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  bytes.resize(filled);
  return bytes;
}

std::string Node::read(std::int64_t at, std::size_t count) const {
  count = static_cast<std::size_t>(std::clamp<std::int64_t>(entry.size - at, 0, static_cast<std::int64_t>(count)));
  if (text) return text->substr(static_cast<std::size_t>(at), count);
  std::string bytes(count, '\0');
  const auto end = at + static_cast<std::int64_t>(count);
  auto piece = std::partition_point(pieces.begin(), pieces.end(), [&](const Piece& p) { return p.at + p.size <= at; });
  for (; piece != pieces.end() && piece->at < end; ++piece) {
    const std::int64_t from = std::max(at, piece->at);
    const std::int64_t to = std::min(end, piece->at + piece->size);
    const std::string part = source->read(piece->offset + from - piece->at, static_cast<std::size_t>(to - from));
    if (part.size() != static_cast<std::size_t>(to - from)) {
      throw Error(ErrorKind::internal, "a file of the build has become shorter");
    }
    std::copy(part.begin(), part.end(), bytes.begin() + (from - at));
  }
  return bytes;
}

void FileTree::make_folders_above(const std::string& path) {
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    const auto found = nodes_.find(folder);
    if (found != nodes_.end() && found->second.entry.type == TarType::directory) continue;
    if (found != nodes_.end() && found->second.entry.type == TarType::symlink) continue;
    nodes_[folder] = Node{.entry = {.name = folder, .type = TarType::directory, .mode = 0755}};
  }
}

void FileTree::put(const std::string& path, Node node) {
  make_folders_above(path);
  if (node.entry.type != TarType::directory && is_folder(path)) erase(path);
  nodes_[path] = std::move(node);
}

void FileTree::erase(const std::string& path) {
  nodes_.erase(path);
  const std::string below = path + "/";
  auto at = nodes_.lower_bound(below);
  while (at != nodes_.end() && at->first.starts_with(below)) at = nodes_.erase(at);
}

const Node* FileTree::find(std::string_view path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

bool FileTree::is_folder(std::string_view path) const {
  if (path.empty()) return true;
  const Node* node = find(path);
  return node != nullptr && node->entry.type == TarType::directory;
}

std::optional<std::string> FileTree::resolve(std::string_view path) const {
  std::string rest = tree_path(path);
  std::string done;
  int links = 0;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('/'), rest.size());
    const std::string part = rest.substr(0, end);
    rest.erase(0, std::min(end + 1, rest.size()));
    const std::string next = done.empty() ? part : fmt::format("{}/{}", done, part);
    const Node* node = find(next);
    if (node == nullptr || node->entry.type != TarType::symlink) {
      done = next;
      continue;
    }
    if (++links > kMostLinks) return std::nullopt;
    const std::string& target = node->entry.link_name;
    rest = tree_path(fmt::format("{}/{}/{}", target.starts_with('/') ? "" : done, target, rest));
    done.clear();
  }
  return done;
}

std::vector<std::pair<std::string, const Node*>> FileTree::below(const std::string& folder) const {
  std::vector<std::pair<std::string, const Node*>> found;
  const std::string prefix = folder.empty() ? "" : folder + "/";
  for (auto at = nodes_.lower_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix); ++at) {
    found.emplace_back(at->first, &at->second);
  }
  return found;
}

FileTree read_tree(const std::string& tar_path) {
  const auto source = std::make_shared<const SourceFile>(tar_path);
  TreeMaker maker(source);
  TarReader reader;
  std::int64_t offset = 0;
  for (;;) {
    const std::string chunk = source->read(offset, kReadSize);
    if (chunk.empty()) reader.finish();
    reader.feed(chunk);
    if (maker.take(reader, chunk, offset)) return std::move(maker.tree);
    offset += static_cast<std::int64_t>(chunk.size());
  }
}

bool is_tar(std::string_view first_block) {
  if (first_block.size() < kTarBlock || first_block.find_first_not_of('\0') == std::string_view::npos) return false;
  TarReader reader;
  reader.feed(first_block);
  return reader.next() != TarReader::Event::failed;
}

}  // namespace sockerless::core::build
