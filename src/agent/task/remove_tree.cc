#include "agent/task/remove_tree.h"

#include <unistd.h>

#include <cerrno>
#include <vector>

#include "agent/task/file_descriptor.h"
#include "agent/task/folder_list.h"

namespace sockerless::agent {

// The folders that are being emptied are kept in a list, since they may be nested deeper than calls
// can be; each is opened below the one before it, never through a symbolic link.
bool remove_tree(int folder, const std::string& name) {
  struct Level {
    std::string name;
    FileDescriptor folder;
    std::vector<FolderEntry> entries;
  };
  if (unlinkat(folder, name.c_str(), 0) == 0) return true;
  if (errno != EISDIR && errno != EPERM) return false;
  std::vector<Level> levels;
  const auto enter = [&levels](int parent, const std::string& child) {
    Level level{.name = child};
    level.folder = FileDescriptor(openat(parent, child.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!level.folder || !list_folder(level.folder, level.entries)) return false;
    levels.push_back(std::move(level));
    return true;
  };
  if (!enter(folder, name)) return false;
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.entries.empty()) {
      const std::string emptied = level.name;
      levels.pop_back();
      const int parent = levels.empty() ? folder : levels.back().folder.get();
      if (unlinkat(parent, emptied.c_str(), AT_REMOVEDIR) != 0) return false;
      continue;
    }
    const FolderEntry entry = std::move(level.entries.back());
    level.entries.pop_back();
    if (entry.is_folder ? !enter(level.folder.get(), entry.name)
                        : unlinkat(level.folder.get(), entry.name.c_str(), 0) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace sockerless::agent
