#include "agent/task/tar_extractor.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "agent/task/error_text.h"
#include "agent/task/remove_tree.h"

namespace sockerless::agent {

namespace {

constexpr mode_t kImpliedFolder = 0755;  // one that a member needs and the tar does not have
constexpr mode_t kPermissions = 07777;
constexpr std::size_t kHole = 4096;  // the least run of zeros that is not written
// A write ends at a multiple of this: a page that is written in two parts costs twice. The kernel has runs of so many
// pages at hand on every processor; for longer ones it has to look.
constexpr std::size_t kRun = 32 * 1024;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

timespec time_of(std::int64_t nanoseconds) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  // Docker takes what is before the epoch for the epoch.
  const std::int64_t time = std::max<std::int64_t>(nanoseconds, 0);
  return {.tv_sec = time / kSecond, .tv_nsec = time % kSecond};
}

bool is_zero(std::string_view bytes) {
  return bytes.front() == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

bool set_times(int folder, const std::string& name, std::int64_t modified) {
  const timespec times[] = {time_of(modified), time_of(modified)};
  return utimensat(folder, name.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0;
}

}  // namespace

TarExtractor::TarExtractor(const RootFolder& root, ExtractOptions options)
    : root_(root), options_(std::move(options)), is_root_(geteuid() == 0) {}

TarExtractor::~TarExtractor() {
  if (file_) drop_file();
}

bool TarExtractor::fail(int error_number, std::string text) {
  failure_ = {error_number, std::move(text)};
  return false;
}

bool TarExtractor::fail(std::string_view call, const std::string& path) {
  const int error = errno;
  return fail(error, std::string(call) + " " + path + ": " + error_text(error));
}

// The folder of the last member is kept: as a rule the next one is in it too.
bool TarExtractor::open_parent(const std::string& path, bool make) {
  if (parent_ && parent_path_ == path) return true;
  parent_ = root_.open(path, O_PATH | O_DIRECTORY);
  if (!parent_ && errno == ENOENT && make && make_folders(path)) parent_ = root_.open(path, O_PATH | O_DIRECTORY);
  parent_path_ = path;
  return static_cast<bool>(parent_);
}

bool TarExtractor::make_folders(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string folder = path.substr(0, end);
    const FileDescriptor parent = root_.open(folder_of(folder), O_PATH | O_DIRECTORY);
    const std::string name(base_name(folder));
    if (!parent || (mkdirat(parent.get(), name.c_str(), kImpliedFolder) != 0 && errno != EEXIST)) return false;
    if (end == std::string::npos) return true;
  }
}

bool TarExtractor::begin(const TarEntry& entry) {
  const std::string name = clean_path(entry.name);
  path_ = clean_path(options_.folder + "/" + name);
  if (name == ".." || name.starts_with("../")) {
    return fail(EINVAL, quoted(name) + " is outside of " + quoted(options_.folder));
  }
  // The folder itself, and its attributes, are not the tar's.
  if (path_ == options_.folder) {
    entry_ = TarEntry{.type = TarType::directory};
    return true;
  }
  leaf_ = base_name(path_);
  if (!open_parent(std::string(folder_of(path_)), true)) return fail("mkdir", std::string(folder_of(path_)));
  entry_ = entry;
  switch (entry.type) {
    case TarType::file: return make_file(entry);
    case TarType::directory: return make_folder(entry);
    case TarType::symlink: return make_symlink(entry) && set_metadata(entry);
    case TarType::hard_link: return make_hard_link(entry);
    case TarType::fifo: return make_fifo(entry) && set_metadata(entry);
    case TarType::character_device:
    case TarType::block_device:
      return fail(EINVAL,
                  "mknod " + path_ + ": device nodes cannot be made in a Fargate task; leave it out of the tar");
    default: break;
  }
  return fail(EINVAL, path_ + ": the tar has a member of a kind that cannot be unpacked");
}

// Takes away what is in the way of the member, as far as the options allow it. What may stay is
// left: a folder in the place of a folder.
bool TarExtractor::make_way(const TarEntry& entry) {
  struct stat status {};
  if (fstatat(parent_.get(), leaf_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT || fail("lstat", path_);
  }
  const bool is_folder = S_ISDIR(status.st_mode);
  const bool becomes_folder = entry.type == TarType::directory;
  if (options_.no_overwrite_dir_non_dir && is_folder && !becomes_folder) {
    return fail(EINVAL,
                "cannot overwrite directory " + quoted(path_) + " with non-directory " + quoted(options_.folder));
  }
  if (options_.no_overwrite_dir_non_dir && !is_folder && becomes_folder) {
    return fail(EINVAL,
                "cannot overwrite non-directory " + quoted(path_) + " with directory " + quoted(options_.folder));
  }
  if (is_folder && becomes_folder) return true;
  return remove_tree(parent_.get(), leaf_) || fail("unlinkat", path_);
}

bool TarExtractor::make_file(const TarEntry& entry) {
  const auto make = [&] {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file_ = FileDescriptor(openat(parent_.get(), leaf_.c_str(), kFlags, entry.mode & 0777));
    return static_cast<bool>(file_);
  };
  written_ = on_disk_ = 0;
  if (make()) return true;
  if (errno != EEXIST) return fail("open", path_);
  if (!make_way(entry)) return false;
  return make() || fail("open", path_);
}

bool TarExtractor::make_folder(const TarEntry& entry) {
  if (mkdirat(parent_.get(), leaf_.c_str(), entry.mode & 0777) != 0) {
    if (errno != EEXIST) return fail("mkdir", path_);
    if (!make_way(entry)) return false;
    if (mkdirat(parent_.get(), leaf_.c_str(), entry.mode & 0777) != 0 && errno != EEXIST) return fail("mkdir", path_);
  }
  folders_.push_back({path_, entry.modified});
  return set_metadata(entry);
}

// Docker refuses a link that leads out of the folder that is unpacked in, whatever may follow it.
bool TarExtractor::make_symlink(const TarEntry& entry) {
  const std::string target = clean_path(std::string(folder_of(path_)) + "/" + entry.link_name);
  if (!target.starts_with(options_.folder)) {
    return fail(EINVAL, "invalid symlink " + quoted(path_) + " -> " + quoted(entry.link_name));
  }
  if (!make_way(entry)) return false;
  return symlinkat(entry.link_name.c_str(), parent_.get(), leaf_.c_str()) == 0 || fail("symlink", path_);
}

bool TarExtractor::make_hard_link(const TarEntry& entry) {
  const std::string target = clean_path(options_.folder + "/" + entry.link_name);
  const std::string link_name = clean_path(entry.link_name);
  if (link_name == ".." || link_name.starts_with("../") || !target.starts_with(options_.folder)) {
    return fail(EINVAL, "invalid hardlink " + quoted(target) + " -> " + quoted(entry.link_name));
  }
  if (!make_way(entry)) return false;
  const FileDescriptor folder = root_.open(folder_of(target), O_PATH | O_DIRECTORY);
  const std::string name(base_name(target));
  if (!folder || linkat(folder.get(), name.c_str(), parent_.get(), leaf_.c_str(), 0) != 0) {
    return fail("link", target + " " + path_);
  }
  return true;
}

bool TarExtractor::make_fifo(const TarEntry& entry) {
  if (!make_way(entry)) return false;
  return mkfifoat(parent_.get(), leaf_.c_str(), entry.mode & 0777) == 0 || fail("mkfifo", path_);
}

// Who is not root owns what he makes.
bool TarExtractor::set_owner(const TarEntry& entry, int file) {
  const Owner owner = options_.owner.value_or(Owner{entry.uid, entry.gid});
  const int result = file >= 0 ? fchown(file, owner.user, owner.group)
                               : fchownat(parent_.get(), leaf_.c_str(), owner.user, owner.group, AT_SYMLINK_NOFOLLOW);
  return result == 0 || (!is_root_ && errno == EPERM) || fail("lchown", path_);
}

// Of everything that has no content.
bool TarExtractor::set_metadata(const TarEntry& entry) {
  if (!set_owner(entry, -1)) return false;
  const bool has_mode = entry.type != TarType::symlink;
  if (has_mode && fchmodat(parent_.get(), leaf_.c_str(), entry.mode & kPermissions, 0) != 0) {
    return fail("chmod", path_);
  }
  return entry.type == TarType::directory || set_times(parent_.get(), leaf_, entry.modified) ||
         fail("utimensat", path_);
}

// Runs of zeros become holes: a file takes no more room here than where it came from.
bool TarExtractor::data(std::string_view bytes) {
  if (!file_) return true;
  while (!bytes.empty()) {
    const std::size_t to_boundary = kHole - static_cast<std::size_t>(written_) % kHole;
    std::string_view part = bytes.substr(0, to_boundary);
    if (part.size() == kHole && is_zero(part)) {
      written_ += kHole;
      bytes.remove_prefix(kHole);
      continue;
    }
    // As much as is no hole, in one call.
    std::size_t size = part.size();
    while (size < bytes.size() && !is_zero(bytes.substr(size, kHole))) size += std::min(kHole, bytes.size() - size);
    if (!write(bytes.substr(0, size))) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

bool TarExtractor::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kRun - static_cast<std::size_t>(written_) % kRun);
    const ssize_t count = pwrite(file_.get(), bytes.data(), size, written_);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      fail("write", path_);
      drop_file();
      return false;
    }
    written_ += count;
    on_disk_ = written_;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool TarExtractor::end() {
  if (!file_) return true;
  const int file = file_.get();
  bool is_done = written_ == on_disk_ || ftruncate(file, written_) == 0 || fail("truncate", path_);
  is_done = is_done && set_owner(entry_, file);
  for (const auto& [name, value] : entry_.xattrs) {
    // Many file systems have none, and not everybody may set each: Docker goes on without.
    if (is_done) fsetxattr(file, name.c_str(), value.data(), value.size(), 0);
  }
  // Changing the owner takes the special bits away, and the umask is none of the tar's business.
  const bool has_special_bits = (entry_.mode & kPermissions & ~0777u) != 0;
  is_done = is_done && (!has_special_bits || fchmod(file, entry_.mode & kPermissions) == 0 || fail("chmod", path_));
  const timespec times[] = {time_of(entry_.modified), time_of(entry_.modified)};
  is_done = is_done && (futimens(file, times) == 0 || fail("futimens", path_));
  if (!is_done) {
    drop_file();
    return false;
  }
  // Some file systems tell only now that there was no room.
  return close(file_.release()) == 0 || fail("close", path_);
}

void TarExtractor::drop_file() {
  file_.reset();
  unlinkat(parent_.get(), leaf_.c_str(), 0);
}

bool TarExtractor::finish() {
  for (const FolderTime& folder : folders_) {
    // It may have been replaced by a later member.
    if (!open_parent(std::string(folder_of(folder.path)), false)) continue;
    set_times(parent_.get(), std::string(base_name(folder.path)), folder.modified);
  }
  return true;
}

}  // namespace sockerless::agent
