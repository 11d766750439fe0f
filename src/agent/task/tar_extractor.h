#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/task/root_folder.h"
#include "base/tar.h"

namespace sockerless::agent {

struct Owner {
  uid_t user = 0;
  gid_t group = 0;
};

struct ExtractOptions {
  std::string folder;          // clean and absolute: where names begin
  std::optional<Owner> owner;  // of everything; otherwise as the tar has it, as far as that is allowed
  bool no_overwrite_dir_non_dir = false;
};

// Why a tar cannot be unpacked: an error number and Docker's words.
struct ExtractFailure {
  int error_number = 0;
  std::string text;
};

// Unpacks a tar, member by member, inside a root that nothing in it can leave. After a failure the
// member that it concerns is gone again and nothing more may be called.
class TarExtractor {
 public:
  TarExtractor(const RootFolder& root, ExtractOptions options);
  ~TarExtractor();
  TarExtractor(const TarExtractor&) = delete;
  TarExtractor& operator=(const TarExtractor&) = delete;

  // A member, then its content in pieces, then its end. They return false on a failure.
  bool begin(const TarEntry& entry);
  bool data(std::string_view bytes);
  void hole(std::int64_t size) { written_ += size; }
  // How much of its content there has been.
  std::int64_t written() const { return written_; }
  bool end();

  // Behind the last member: times of folders, which making files in them had changed.
  bool finish();

  const ExtractFailure& failure() const { return failure_; }

 private:
  struct FolderTime {
    std::string path;
    std::int64_t modified;
  };

  bool fail(int error_number, std::string text);
  bool fail(std::string_view call, const std::string& path);
  bool open_parent(const std::string& path, bool make);
  bool make_folders(const std::string& path);
  bool make_way(const TarEntry& entry);
  bool make_file(const TarEntry& entry);
  bool make_folder(const TarEntry& entry);
  bool make_symlink(const TarEntry& entry);
  bool make_hard_link(const TarEntry& entry);
  bool make_fifo(const TarEntry& entry);
  bool set_metadata(const TarEntry& entry);
  bool set_owner(const TarEntry& entry, int file);
  bool write(std::string_view bytes);
  void drop_file();

  const RootFolder& root_;
  ExtractOptions options_;
  bool is_root_;
  ExtractFailure failure_;
  std::string parent_path_;
  FileDescriptor parent_;
  std::vector<FolderTime> folders_;

  std::string path_;  // of the current member
  std::string leaf_;
  TarEntry entry_;
  FileDescriptor file_;       // being written
  std::int64_t written_ = 0;  // of it, holes included
  std::int64_t on_disk_ = 0;  // up to where it has been written
};

}  // namespace sockerless::agent
