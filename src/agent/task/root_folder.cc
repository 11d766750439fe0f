#include "agent/task/root_folder.h"

#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>
#include <vector>

namespace sockerless::agent {

namespace {

constexpr int kMostTries = 100;  // while others rename what is on the way

long open_in_root(int root, const char* path, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<__u64>(flags) | O_CLOEXEC;
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_IN_ROOT;
  long fd = -1;
  for (int i = 0; i < kMostTries; ++i) {
    fd = syscall(SYS_openat2, root, path, &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return fd;
}

}  // namespace

RootFolder::RootFolder(const std::string& path)
    : folder_(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), is_own_root_(path == "/") {}

FileDescriptor RootFolder::open(std::string_view path, int flags, mode_t mode) const {
  while (path.starts_with('/')) path.remove_prefix(1);
  const std::string relative(path.empty() ? "." : path);
  const long fd = open_in_root(folder_.get(), relative.c_str(), flags, mode);
  if (fd >= 0) return FileDescriptor(static_cast<int>(fd));
  // Kernels before 5.6, and sandboxes that do not know the call.
  const bool is_unknown = errno == ENOSYS || errno == EPERM || errno == EINVAL;
  if (!is_unknown || !is_own_root_) return {};
  return FileDescriptor(openat(folder_.get(), relative.c_str(), flags | O_CLOEXEC, mode));
}

std::string clean_path(std::string_view path) {
  const bool is_absolute = path.starts_with('/');
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!is_absolute) {
      parts.push_back(part);
    }
  }
  std::string clean(is_absolute ? "/" : "");
  for (const std::string_view part : parts) {
    if (!clean.empty() && clean.back() != '/') clean += '/';
    clean += part;
  }
  return clean.empty() ? "." : clean;
}

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1);
}

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string join_path(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.ends_with('/')) path += '/';
  path += name;
  return path;
}

}  // namespace sockerless::agent
