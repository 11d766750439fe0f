#include "agent/task/folder_list.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace sockerless::agent {

namespace {

// Some file systems do not tell the type with the name.
bool is_folder(int folder, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status {};
  return fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

bool list_folder(const FileDescriptor& folder, std::vector<FolderEntry>& entries) {
  entries.clear();
  const int copy = fcntl(folder.get(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return false;
  DIR* stream = fdopendir(copy);
  if (stream == nullptr) {
    close(copy);
    return false;
  }
  errno = 0;
  while (const dirent* entry = readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({std::string(name), is_folder(copy, *entry)});
    errno = 0;
  }
  const int error = errno;
  closedir(stream);
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  errno = error;
  return error == 0;
}

}  // namespace sockerless::agent
