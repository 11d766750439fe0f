#include "agent/task/tar_packer.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include "agent/task/error_text.h"
#include "agent/task/folder_list.h"

namespace sockerless::agent {

namespace {

constexpr const char* kCapability = "security.capability";  // the one attribute that Docker keeps

TarType type_of(mode_t mode) {
  if (S_ISDIR(mode)) return TarType::directory;
  if (S_ISLNK(mode)) return TarType::symlink;
  if (S_ISCHR(mode)) return TarType::character_device;
  if (S_ISBLK(mode)) return TarType::block_device;
  if (S_ISFIFO(mode)) return TarType::fifo;
  return TarType::file;
}

TarEntry entry_of(const struct stat& status, const std::string& name) {
  TarEntry entry;
  entry.name = name;
  entry.type = type_of(status.st_mode);
  entry.mode = status.st_mode & 07777;
  entry.uid = status.st_uid;
  entry.gid = status.st_gid;
  entry.size = entry.type == TarType::file ? status.st_size : 0;
  entry.modified = status.st_mtim.tv_sec * 1'000'000'000LL;
  if (entry.type == TarType::directory && !entry.name.ends_with('/')) entry.name += '/';
  return entry;
}

}  // namespace

bool TarPacker::fail(std::string_view call, const std::string& path) {
  error_number_ = errno;
  failure_ = std::string(call) + " " + path + ": " + error_text(error_number_);
  return false;
}

bool TarPacker::add(const std::string& path, const std::string& name) {
  const FileDescriptor folder = root_.open(folder_of(path), O_PATH | O_DIRECTORY);
  if (!folder) return fail("open", path);
  return add_file(folder.get(), std::string(base_name(path)), path, name);
}

// The folders are kept on a stack: they may be nested deeper than calls can be.
bool TarPacker::add_folder(const std::string& path, const std::string& name) {
  struct Level {
    FileDescriptor folder;
    std::string path;
    std::string name;
    std::vector<FolderEntry> entries;  // the next one is the last
  };
  std::vector<Level> levels;
  const auto enter = [&](const std::string& at, const std::string& as) {
    Level level{.path = at, .name = as};
    level.folder = root_.open(at, O_RDONLY | O_DIRECTORY);
    struct stat status {};
    if (!level.folder || fstat(level.folder.get(), &status) != 0) return errno == ENOENT || fail("open", at);
    const bool is_mount = mounts_ != nullptr && mounts_->is_mount(at);
    if (is_mount) {
      // Its point lies below it, out of sight: as runtimes make it.
      status.st_mode = S_IFDIR | 0755;
      status.st_uid = status.st_gid = 0;
    }
    if (!as.empty()) {
      header_.clear();
      append_tar_header(header_, entry_of(status, as));
      if (!pipes_.write(header_)) return false;
    }
    if (is_mount) return true;
    if (!list_folder(level.folder, level.entries)) return fail("readdir", at);
    std::reverse(level.entries.begin(), level.entries.end());
    levels.push_back(std::move(level));
    return true;
  };
  if (!enter(path, name)) return false;
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.entries.empty()) {
      levels.pop_back();
      continue;
    }
    const FolderEntry entry = std::move(level.entries.back());
    level.entries.pop_back();
    const std::string child = join_path(level.path, entry.name);
    if (mounts_ != nullptr && child == kAgentFolder) continue;
    const std::string as = level.name.empty() ? entry.name : join_path(level.name, entry.name);
    if (entry.is_folder ? !enter(child, as) : !add_file(level.folder.get(), entry.name, child, as)) return false;
  }
  return true;
}

bool TarPacker::add_file(int folder, const std::string& leaf, const std::string& path, const std::string& name) {
  struct stat status {};
  // What has gone since it was listed was not there.
  if (fstatat(folder, leaf.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT || fail("lstat", path);
  if (S_ISSOCK(status.st_mode)) return true;
  TarEntry entry = entry_of(status, name);
  const bool is_mount = mounts_ != nullptr && mounts_->is_mount(path);
  if (is_mount) entry.size = 0;
  if (entry.type == TarType::symlink) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = readlinkat(folder, leaf.c_str(), target.data(), target.size());
    if (size < 0) return errno == ENOENT || fail("readlink", path);
    entry.link_name.assign(target.data(), static_cast<std::size_t>(size));
  } else if (entry.type == TarType::file && status.st_nlink > 1 && !is_mount) {
    const auto [first, is_new] = names_.emplace(std::pair(status.st_dev, status.st_ino), name);
    if (!is_new) {
      entry.type = TarType::hard_link;
      entry.link_name = first->second;
      entry.size = 0;
    }
  }
  if (entry.type == TarType::file && !is_mount) return add_content(folder, leaf, path, entry);
  header_.clear();
  append_tar_header(header_, entry);
  return pipes_.write(header_);
}

bool TarPacker::add_content(int folder, const std::string& leaf, const std::string& path, TarEntry& entry) {
  const FileDescriptor file(openat(folder, leaf.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return errno == ENOENT || fail("open", path);
  if ((entry.mode & 0111) != 0) {
    std::array<char, 64> value{};
    const ssize_t size = fgetxattr(file.get(), kCapability, value.data(), value.size());
    if (size > 0) entry.xattrs.emplace_back(kCapability, std::string(value.data(), static_cast<std::size_t>(size)));
  }
  header_.clear();
  append_tar_header(header_, entry);
  return pipes_.write(header_) && add_bytes(file.get(), path, entry.size) &&
         add_zeros(static_cast<std::int64_t>(tar_padding(entry.size)));
}

// As many as the header has promised, whatever becomes of the file meanwhile. Holes are not read.
bool TarPacker::add_bytes(int file, const std::string& path, std::int64_t size) {
  constexpr std::int64_t kWorthLooking = 1024 * 1024;  // for holes
  std::int64_t at = 0;
  std::int64_t data_end = size >= kWorthLooking ? 0 : size;
  while (at < size) {
    if (at == data_end) {
      const off_t data = lseek(file, at, SEEK_DATA);
      const std::int64_t begin = data >= 0 ? std::min<std::int64_t>(data, size) : errno == ENXIO ? size : at;
      if (!add_zeros(begin - at)) return false;
      at = begin;
      const off_t hole = at < size ? lseek(file, at, SEEK_HOLE) : size;
      data_end = hole > at ? std::min<std::int64_t>(hole, size) : size;
      continue;
    }
    std::size_t room = 0;
    char* into = pipes_.room(room);
    if (into == nullptr) return false;
    const auto wanted =
        static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(room), data_end - at));
    const ssize_t count = pread(file, into, wanted, at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail("read", path);
    if (count == 0) return add_zeros(size - at);
    pipes_.filled(static_cast<std::size_t>(count));
    at += count;
  }
  return true;
}

bool TarPacker::add_zeros(std::int64_t count) {
  while (count > 0) {
    std::size_t room = 0;
    char* into = pipes_.room(room);
    if (into == nullptr) return false;
    room = static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(room), count));
    std::memset(into, 0, room);
    pipes_.filled(room);
    count -= static_cast<std::int64_t>(room);
  }
  return true;
}

bool TarPacker::finish() { return add_zeros(static_cast<std::int64_t>(kTarEnd)); }

}  // namespace sockerless::agent
