#include "agent/task/file_changes.h"

#include <sys/stat.h>

#include <set>
#include <utility>
#include <vector>

#include "agent/task/folder_list.h"

namespace sockerless::agent {

namespace {

class Comparison {
 public:
  Comparison(const RootFolder& root, const Mounts& mounts, const FileRecord& record,
             const std::function<bool(const FileChange&)>& tell)
      : root_(root), mounts_(mounts), record_(record), tell_(tell) {}

  // Steps are kept on a stack of their own: folders may be nested deeper than calls can be.
  void run() {
    enter("/");
    while (!levels_.empty() && is_wanted_) {
      Level& level = levels_.back();
      if (level.now == level.files.size() && level.then == level.recorded.size()) {
        levels_.pop_back();
      } else {
        step(level);
      }
    }
  }

 private:
  struct Level {
    std::string path;
    FileDescriptor folder;
    std::vector<FolderEntry> files;
    std::vector<RecordedFile> recorded;
    std::size_t now = 0;   // of files
    std::size_t then = 0;  // of recorded
    bool is_told = true;   // that something in it has changed
  };

  void enter(std::string path, bool is_told = true) {
    Level level;
    level.folder = root_.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    // One that cannot be read now could not be read before either.
    if (!level.folder || !list_folder(level.folder, level.files)) return;
    level.recorded = record_.files_in(path);
    level.path = std::move(path);
    level.is_told = is_told;
    levels_.push_back(std::move(level));
  }

  void step(Level& level) {
    const FolderEntry* file = level.now < level.files.size() ? &level.files[level.now] : nullptr;
    const RecordedFile* before = level.then < level.recorded.size() ? &level.recorded[level.then] : nullptr;
    if (file != nullptr && (before == nullptr || file->name < before->name)) {
      ++level.now;
      added(level, *file);
    } else if (file == nullptr || before->name < file->name) {
      ++level.then;
      tell(ChangeKind::deleted, join_path(level.path, before->name));
    } else {
      ++level.now;
      ++level.then;
      compare(level, *file, *before);
    }
  }

  void added(const Level& level, const FolderEntry& file) {
    std::string path = join_path(level.path, file.name);
    if (mounts_.is_foreign(path)) return;
    tell(ChangeKind::added, path);
    if (file.is_folder) enter(std::move(path));
  }

  void compare(const Level& level, const FolderEntry& file, const RecordedFile& before) {
    std::string path = join_path(level.path, file.name);
    struct stat status {};
    if (mounts_.is_foreign(path)) return;
    if (fstatat(level.folder.get(), file.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    const bool is_changed = record_.has_changed(before, status);
    if (is_changed) tell(ChangeKind::modified, path);
    if (file.is_folder) enter(std::move(path), is_changed);
  }

  void tell(ChangeKind kind, const std::string& path) {
    for (Level& level : levels_) {
      if (!level.is_told && is_wanted_) is_wanted_ = tell_({ChangeKind::modified, level.path});
      level.is_told = true;
    }
    if (is_wanted_) is_wanted_ = tell_({kind, path});
  }

  const RootFolder& root_;
  const Mounts& mounts_;
  const FileRecord& record_;
  const std::function<bool(const FileChange&)>& tell_;
  std::vector<Level> levels_;
  bool is_wanted_ = true;
};

}  // namespace

void find_changes(const RootFolder& root, const Mounts& mounts, const FileRecord& record,
                  const std::function<bool(const FileChange&)>& tell) {
  Comparison(root, mounts, record, tell).run();
}

std::uint64_t changed_size(const RootFolder& root, const Mounts& mounts, const FileRecord& record) {
  std::uint64_t size = 0;
  std::set<std::pair<dev_t, ino_t>> counted;  // of those with several links
  find_changes(root, mounts, record, [&](const FileChange& change) {
    if (change.kind == ChangeKind::deleted) return true;
    const FileDescriptor file = root.open(change.path, O_PATH | O_NOFOLLOW);
    struct stat status {};
    if (!file || fstat(file.get(), &status) != 0 || S_ISDIR(status.st_mode)) return true;
    if (status.st_nlink > 1 && !counted.emplace(status.st_dev, status.st_ino).second) return true;
    size += static_cast<std::uint64_t>(status.st_size);
    return true;
  });
  return size;
}

}  // namespace sockerless::agent
