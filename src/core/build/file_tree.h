#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/tar.h"

namespace sockerless::core::build {

// A file on this machine that is open for reading.
class SourceFile {
 public:
  // Throws Error(internal).
  explicit SourceFile(const std::string& path);
  ~SourceFile();
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;

  // Up to `count` bytes; fewer only at the end. Throws Error(internal).
  std::string read(std::int64_t offset, std::size_t count) const;

 private:
  std::string path_;
  int file_;
};

// A run of a file's content, and where its bytes are.
struct Piece {
  std::int64_t at = 0;  // in the content; what lies between pieces is zeros
  std::int64_t size = 0;
  std::int64_t offset = 0;  // in the source file
};

// Something with a path: its metadata, and for a file its content.
struct Node {
  TarEntry entry;
  std::shared_ptr<const SourceFile> source;
  std::vector<Piece> pieces;
  std::shared_ptr<const std::string> text;  // the content itself, where there is no source file

  // Up to `count` bytes of the content.
  std::string read(std::int64_t at, std::size_t count) const;
};

// Files by path, with neither leading nor closing slash: a build context, or what a stage has of its
// own. The root itself is not in it.
class FileTree {
 public:
  // As unpacking does: a folder stays a folder, everything else replaces what is there. Folders above
  // are made.
  void put(const std::string& path, Node node);

  void erase(const std::string& path);

  const Node* find(std::string_view path) const;
  bool is_folder(std::string_view path) const;

  // The path with every symbolic link in it followed, inside the tree; nothing if the links go round.
  std::optional<std::string> resolve(std::string_view path) const;

  // Everything below the folder, a folder before what is in it; "" is the root.
  std::vector<std::pair<std::string, const Node*>> below(const std::string& folder) const;

  const std::map<std::string, Node, std::less<>>& all() const { return nodes_; }

 private:
  void make_folders_above(const std::string& path);

  std::map<std::string, Node, std::less<>> nodes_;
};

// The members of a plain tar that lies in a file. Blocks. Throws Error(invalid_argument) for what is
// no tar, Error(too_large) for one with more members than a build may have.
FileTree read_tree(const std::string& tar_path);

// Whether what begins with these bytes is a tar.
bool is_tar(std::string_view first_block);

}  // namespace sockerless::core::build
