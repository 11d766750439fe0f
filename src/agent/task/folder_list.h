#pragma once

#include <string>
#include <vector>

#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

struct FolderEntry {
  std::string name;
  bool is_folder = false;
};

// The entries of a folder, sorted by name. The descriptor is open for reading. False with errno set
// if it cannot be read.
bool list_folder(const FileDescriptor& folder, std::vector<FolderEntry>& entries);

}  // namespace sockerless::agent
