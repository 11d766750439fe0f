#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/protocol/archive.h"
#include "agent/task/root_folder.h"

namespace sockerless::agent {

inline constexpr std::uint32_t kGoDirectory = 1u << 31;

// The mode as Go's os.FileMode has it.
std::uint32_t go_mode(mode_t mode);

// A path of a container as a client asked for it.
struct RequestedPath {
  // Takes any text for a path from the root. A last `/` or `/.` is kept: it asks for a folder.
  explicit RequestedPath(std::string_view text);

  std::string path;       // clean and absolute, but for that ending
  std::string base;       // the name that archives of it begin with: "." behind `/.`, "/" for the root
  bool is_folder_wanted;  // by its ending
};

// Where a path leads and what is there: symbolic links are followed, but not at its end.
struct FoundFile {
  FileDescriptor file;  // O_PATH; empty if there is nothing
  int error_number = 0;
  FileStat stat;
};

FoundFile find_file(const RootFolder& root, const RequestedPath& path);

}  // namespace sockerless::agent
