#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

// The folder that a container's paths begin at. Whatever a path holds, absolute symbolic links and
// `..` included, what is opened lies inside.
class RootFolder {
 public:
  explicit RootFolder(const std::string& path = "/");

  // As open(2); empty with errno set. The path may begin with a slash or not.
  FileDescriptor open(std::string_view path, int flags, mode_t mode = 0) const;

 private:
  FileDescriptor folder_;
  bool is_own_root_;  // the process itself cannot leave it
};

// The path with `.`, `..` and doubled slashes taken out, as Go's path.Clean does: "/" for the root
// of an absolute path, "." for an empty relative one, "../x" for a relative one that leads out.
std::string clean_path(std::string_view path);

// Behind the last slash of a clean path.
std::string_view base_name(std::string_view path);

// Before the last slash of a clean absolute path: "/" for what is in the root.
std::string_view folder_of(std::string_view path);

// The folder and the name as they join to a path.
std::string join_path(std::string_view folder, std::string_view name);

}  // namespace sockerless::agent
