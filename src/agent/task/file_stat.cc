#include "agent/task/file_stat.h"

#include <array>
#include <cerrno>
#include <climits>

namespace sockerless::agent {

namespace {

constexpr std::uint32_t kGoSymlink = 1u << 27;
constexpr std::uint32_t kGoDevice = 1u << 26;
constexpr std::uint32_t kGoNamedPipe = 1u << 25;
constexpr std::uint32_t kGoSocket = 1u << 24;
constexpr std::uint32_t kGoSetuid = 1u << 23;
constexpr std::uint32_t kGoSetgid = 1u << 22;
constexpr std::uint32_t kGoCharDevice = 1u << 21;
constexpr std::uint32_t kGoSticky = 1u << 20;

constexpr int kMostLinks = 40;  // as the kernel

std::string read_link(int file) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = readlinkat(file, "", target.data(), target.size());
  return {target.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
}

// Where the path leads in the end, as far as it exists: what does not is taken as it is written.
std::string resolve(const RootFolder& root, std::string path) {
  std::string resolved = "/";
  int links = 0;
  path = clean_path(path);
  while (path != "/") {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string next = join_path(resolved, path.substr(1, end - 1));
    std::string rest = end == path.size() ? "/" : path.substr(end);
    const FileDescriptor file = root.open(next, O_PATH | O_NOFOLLOW);
    struct stat status {};
    const bool is_link = file && fstat(file.get(), &status) == 0 && S_ISLNK(status.st_mode) && ++links <= kMostLinks;
    if (!is_link) {
      resolved = clean_path(next);
      path = rest;
      continue;
    }
    const std::string target = read_link(file.get());
    if (target.starts_with('/')) {
      path = clean_path(target + "/" + rest);
      resolved = "/";
    } else {
      path = clean_path(resolved + "/" + target + "/" + rest);
      resolved = "/";
    }
  }
  return resolved;
}

}  // namespace

std::uint32_t go_mode(mode_t mode) {
  std::uint32_t out = mode & 0777;
  if (S_ISDIR(mode)) out |= kGoDirectory;
  if (S_ISLNK(mode)) out |= kGoSymlink;
  if (S_ISBLK(mode)) out |= kGoDevice;
  if (S_ISCHR(mode)) out |= kGoDevice | kGoCharDevice;
  if (S_ISFIFO(mode)) out |= kGoNamedPipe;
  if (S_ISSOCK(mode)) out |= kGoSocket;
  if ((mode & S_ISUID) != 0) out |= kGoSetuid;
  if ((mode & S_ISGID) != 0) out |= kGoSetgid;
  if ((mode & S_ISVTX) != 0) out |= kGoSticky;
  return out;
}

RequestedPath::RequestedPath(std::string_view text)
    : path(clean_path("/" + std::string(text))), is_folder_wanted(text.ends_with('/') || text.ends_with("/.")) {
  const bool is_content_wanted = text.ends_with("/.") || text == ".";
  base = is_content_wanted && path != "/" ? "." : base_name(path);
}

FoundFile find_file(const RootFolder& root, const RequestedPath& path) {
  FoundFile found;
  const int flags = path.is_folder_wanted ? O_PATH : O_PATH | O_NOFOLLOW;
  found.file = root.open(path.path, flags);
  struct stat status {};
  if (!found.file || fstat(found.file.get(), &status) != 0) {
    found.error_number = errno;
    return found;
  }
  if (path.is_folder_wanted && !S_ISDIR(status.st_mode)) {
    found.file.reset();
    found.error_number = ENOTDIR;
    return found;
  }
  found.stat.name = path.base;
  found.stat.size = status.st_size;
  found.stat.mode = go_mode(status.st_mode);
  found.stat.modified = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
  if (S_ISLNK(status.st_mode)) found.stat.link_target = resolve(root, path.path);
  return found;
}

}  // namespace sockerless::agent
