#pragma once

#include <sys/stat.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "agent/task/file_worker.h"
#include "agent/task/mounts.h"
#include "agent/task/root_folder.h"
#include "base/tar.h"

namespace sockerless::agent {

// Writes a tar of files as Docker does: folders before what is in them, in the order of their names,
// the second and further names of a file as hard links, sockets left out. Its calls return false when
// the output is not wanted any more, or with failure() set.
class TarPacker {
 public:
  TarPacker(const RootFolder& root, WorkPipes& pipes) : root_(root), pipes_(pipes) {}

  // Leaves out what is mounted: of a mount there is only its point.
  void leave_out(const Mounts& mounts) { mounts_ = &mounts; }

  // What is at the clean absolute path, under the name. A symbolic link is packed as one.
  bool add(const std::string& path, const std::string& name);

  // The folder that the path leads to, and what is below it; with an empty name only what is below it.
  bool add_folder(const std::string& path, const std::string& name);

  // The end of the tar.
  bool finish();

  int error_number() const { return error_number_; }
  const std::string& failure() const { return failure_; }

 private:
  bool add_file(int folder, const std::string& leaf, const std::string& path, const std::string& name);
  bool add_content(int folder, const std::string& leaf, const std::string& path, TarEntry& entry);
  bool add_bytes(int file, const std::string& path, std::int64_t size);
  bool add_zeros(std::int64_t count);
  bool fail(std::string_view call, const std::string& path);

  const RootFolder& root_;
  WorkPipes& pipes_;
  const Mounts* mounts_ = nullptr;
  std::string header_;
  std::map<std::pair<dev_t, ino_t>, std::string> names_;  // of files that have several
  int error_number_ = 0;
  std::string failure_;
};

}  // namespace sockerless::agent
