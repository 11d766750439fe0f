#include "cloud/images/descriptor.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sockerless::cloud {

void Descriptor::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

int open_in_root(int root, const std::string& name, int flags) {
  open_how how{};
  how.flags = static_cast<__u64>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, name.empty() ? "." : name.c_str(), &how, sizeof how));
}

Descriptor lock_file(const std::string& path, IfLocked if_locked) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) throw std::system_error(errno, std::generic_category(), path);
  const int how = if_locked == IfLocked::wait ? LOCK_EX : LOCK_EX | LOCK_NB;
  while (::flock(file.get(), how) < 0) {
    if (errno == EWOULDBLOCK) return Descriptor();
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), path);
  }
  return file;
}

}  // namespace sockerless::cloud
