#include "cloud/images/layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cloud/images/descriptor.h"
#include "cloud/images/tar_reader.h"

namespace sockerless::cloud {
namespace {

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr std::int64_t kBlock = 4096;
constexpr std::string_view kUnionFileSystem = ".wh..wh.";  // bookkeeping of a file system that is no more

Error failure(std::string_view name, const char* why) {
  return {ErrorKind::internal, fmt::format("{}: {}", name, why)};
}

void check(int result, std::string_view name) {
  if (result < 0) throw failure(name, std::strerror(errno));
}

// Of a union file system, or in a folder of it. The mark of an opaque folder is no bookkeeping.
bool is_bookkeeping(const std::string& name) {
  const auto at = name.starts_with(kUnionFileSystem) ? 0 : name.find(fmt::format("/{}", kUnionFileSystem));
  return at != std::string::npos && !name.ends_with(kOpaque);
}

class LayerFolder {
 public:
  LayerFolder(const std::string& folder, const LayerLimits& limits)
      : root_(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), limits_(limits) {
    check(root_.get(), folder);
  }

  void add(archive* source, archive_entry* entry);

  // Making entries changes the times of their folders, so those come last.
  void finish();

  std::int64_t occupied() const { return occupied_; }

 private:
  struct FolderTime {
    std::string name;
    timespec times[2];
  };

  int open_in_root(const std::string& name, int flags) const { return cloud::open_in_root(root_.get(), name, flags); }

  int open_parent(const std::string& name);
  void make_folders(const std::string& name);
  void make(archive* source, archive_entry* entry, const std::string& name);
  void make_file(archive* source, archive_entry* entry, const std::string& name);
  void make_folder(const std::string& name);
  void make_link(const char* target, const std::string& name);
  void make_room(const std::string& name);
  bool make_whiteout(const std::string& name);
  void set_attributes(archive_entry* entry, const std::string& name);
  std::string proc_path() const { return fmt::format("/proc/self/fd/{}/{}", parent_.get(), base_); }

  // Counts against the limits.
  void take_bytes(std::int64_t bytes);

  Descriptor root_;
  LayerLimits limits_;  // what is left of them
  std::int64_t occupied_ = 0;
  Descriptor parent_;  // of the entry at hand; kept, as entries of one folder follow each other
  std::string parent_name_;
  std::string base_;
  std::vector<FolderTime> folder_times_;
};

void LayerFolder::make_folders(const std::string& name) {
  for (std::size_t slash = name.find('/');; slash = name.find('/', slash + 1)) {
    const std::string part = name.substr(0, slash);
    const auto last = part.rfind('/');
    const Descriptor above(open_in_root(last == std::string::npos ? "" : part.substr(0, last), O_PATH | O_DIRECTORY));
    check(above.get(), part);
    const std::string base = last == std::string::npos ? part : part.substr(last + 1);
    if (::mkdirat(above.get(), base.c_str(), 0755) < 0 && errno != EEXIST) throw failure(part, std::strerror(errno));
    if (slash == std::string::npos) return;
  }
}

int LayerFolder::open_parent(const std::string& name) {
  const auto slash = name.rfind('/');
  std::string parent = slash == std::string::npos ? "" : name.substr(0, slash);
  base_ = slash == std::string::npos ? name : name.substr(slash + 1);
  if (base_.empty()) base_ = ".";
  if (parent_.get() >= 0 && parent == parent_name_) return parent_.get();
  int fd = open_in_root(parent, O_PATH | O_DIRECTORY);
  if (fd < 0 && errno == ENOENT) {
    make_folders(parent);
    fd = open_in_root(parent, O_PATH | O_DIRECTORY);
  }
  check(fd, name);
  parent_.reset(fd);
  parent_name_ = std::move(parent);
  return fd;
}

void LayerFolder::add(archive* source, archive_entry* entry) {
  if (--limits_.entries < 0) throw Error(ErrorKind::too_large, "too many files: no space left on device");
  const std::string name = name_in_archive(archive_entry_pathname(entry));
  if (is_bookkeeping(name)) return;
  open_parent(name);
  if (make_whiteout(name)) return;
  make(source, entry, name);
}

bool LayerFolder::make_whiteout(const std::string& name) {
  if (base_ == kOpaque) {
    const std::string folder = fmt::format("/proc/self/fd/{}", parent_.get());
    check(::setxattr(folder.c_str(), "trusted.overlay.opaque", "y", 1, 0), name);
    return true;
  }
  if (!base_.starts_with(kWhiteout)) return false;
  base_.erase(0, kWhiteout.size());
  if (base_.empty() || base_ == "." || base_ == "..") {
    throw Error(ErrorKind::invalid_argument, fmt::format("{}: not the name of a deleted file", name));
  }
  make_room(name);
  check(::mknodat(parent_.get(), base_.c_str(), S_IFCHR, makedev(0, 0)), name);
  return true;
}

// An archive may have an entry twice: the last one counts.
void LayerFolder::make_room(const std::string& name) {
  if (::unlinkat(parent_.get(), base_.c_str(), 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR) throw failure(name, std::strerror(errno));
  std::error_code error;
  std::filesystem::remove_all(proc_path(), error);
  if (error) throw failure(name, error.message().c_str());
}

void LayerFolder::make(archive* source, archive_entry* entry, const std::string& name) {
  if (const char* target = archive_entry_hardlink(entry); target != nullptr) {
    make_link(target, name);  // the attributes are those of its target
    return;
  }
  const auto type = archive_entry_filetype(entry);
  if (type == AE_IFSOCK) return;  // means nothing without the process that listened
  if (type == AE_IFDIR) {
    make_folder(name);
  } else {
    make_room(name);
  }
  if (type == AE_IFREG) {
    make_file(source, entry, name);
  } else if (type == AE_IFLNK) {
    const char* target = archive_entry_symlink(entry);
    check(::symlinkat(target == nullptr ? "" : target, parent_.get(), base_.c_str()), name);
  } else if (type == AE_IFCHR || type == AE_IFBLK || type == AE_IFIFO) {
    check(::mknodat(parent_.get(), base_.c_str(), static_cast<mode_t>(type) | 0600, archive_entry_rdev(entry)), name);
  }
  set_attributes(entry, name);
}

void LayerFolder::make_folder(const std::string& name) {
  occupied_ += kBlock;
  if (base_ == "." || ::mkdirat(parent_.get(), base_.c_str(), 0755) == 0) return;
  if (errno != EEXIST) throw failure(name, std::strerror(errno));
  struct stat found {};
  check(::fstatat(parent_.get(), base_.c_str(), &found, AT_SYMLINK_NOFOLLOW), name);
  if (S_ISDIR(found.st_mode)) return;
  make_room(name);
  check(::mkdirat(parent_.get(), base_.c_str(), 0755), name);
}

void LayerFolder::make_link(const char* target, const std::string& name) {
  const std::string inside = name_in_archive(target);
  const auto slash = inside.rfind('/');
  const Descriptor folder(
      open_in_root(slash == std::string::npos ? "" : inside.substr(0, slash), O_PATH | O_DIRECTORY));
  check(folder.get(), name);
  make_room(name);
  const std::string base = slash == std::string::npos ? inside : inside.substr(slash + 1);
  check(::linkat(folder.get(), base.c_str(), parent_.get(), base_.c_str(), 0), name);
}

void LayerFolder::make_file(archive* source, archive_entry* entry, const std::string& name) {
  const Descriptor file(::openat(parent_.get(), base_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  check(file.get(), name);
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  std::int64_t written = 0;
  for (;;) {
    const int result = archive_read_data_block(source, &bytes, &size, &offset);
    if (result == ARCHIVE_EOF) break;
    if (result < ARCHIVE_WARN) throw failure(name, archive_error_string(source));
    take_bytes(static_cast<std::int64_t>(size));
    written += static_cast<std::int64_t>(size);
    for (std::size_t done = 0; done < size;) {
      const auto taken = ::pwrite(file.get(), static_cast<const char*>(bytes) + done, size - done,
                                  offset + static_cast<la_int64_t>(done));
      if (taken < 0 && errno == EINTR) continue;
      check(static_cast<int>(std::min<ssize_t>(taken, 1)), name);
      done += static_cast<std::size_t>(taken);
    }
  }
  occupied_ += (written + kBlock - 1) / kBlock * kBlock;
  // A sparse file may end in a hole.
  if (archive_entry_sparse_count(entry) > 0) check(::ftruncate(file.get(), archive_entry_size(entry)), name);
}

void LayerFolder::take_bytes(std::int64_t bytes) {
  limits_.bytes -= bytes;
  if (limits_.bytes < 0) throw Error(ErrorKind::too_large, "the layer is too large: no space left on device");
}

void LayerFolder::set_attributes(archive_entry* entry, const std::string& name) {
  const int parent = parent_.get();
  const bool is_link = archive_entry_filetype(entry) == AE_IFLNK;
  // In this order: a change of owner takes set-user-id bits and capabilities away.
  check(::fchownat(parent, base_.c_str(), static_cast<uid_t>(archive_entry_uid(entry)),
                   static_cast<gid_t>(archive_entry_gid(entry)), AT_SYMLINK_NOFOLLOW),
        name);
  if (!is_link) check(::fchmodat(parent, base_.c_str(), archive_entry_perm(entry), 0), name);
  const char* key = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  archive_entry_xattr_reset(entry);
  while (archive_entry_xattr_next(entry, &key, &value, &size) == ARCHIVE_OK) {
    // Overlayfs would obey these: an image must not steer it.
    if (std::string_view(key).starts_with("trusted.overlay.")) continue;
    if (::lsetxattr(proc_path().c_str(), key, value, size, 0) < 0 && errno != ENOTSUP && errno != EPERM) {
      throw failure(name, std::strerror(errno));
    }
  }
  FolderTime times{name, {}};
  times.times[1] = {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
  times.times[0] = archive_entry_atime_is_set(entry) != 0
                       ? timespec{archive_entry_atime(entry), archive_entry_atime_nsec(entry)}
                       : times.times[1];
  if (archive_entry_filetype(entry) == AE_IFDIR) {
    folder_times_.push_back(std::move(times));
  } else {
    check(::utimensat(parent, base_.c_str(), times.times, AT_SYMLINK_NOFOLLOW), name);
  }
}

void LayerFolder::finish() {
  for (auto folder = folder_times_.rbegin(); folder != folder_times_.rend(); ++folder) {
    const Descriptor fd(open_in_root(folder->name, O_PATH | O_NOFOLLOW));
    if (fd.get() < 0) continue;  // replaced by a later entry
    const std::string path = fmt::format("/proc/self/fd/{}", fd.get());
    check(::utimensat(AT_FDCWD, path.c_str(), folder->times, 0), folder->name);
  }
}

}  // namespace

std::int64_t unpack_layer(const std::string& archive_path, const std::string& folder, const LayerLimits& limits) {
  TarReader reader(archive_path);
  LayerFolder layer(folder, limits);
  while (archive_entry* entry = reader.next()) layer.add(reader.source(), entry);
  layer.finish();
  return layer.occupied();
}

}  // namespace sockerless::cloud
