#include "agent/task/output_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string>

namespace sockerless::agent {

OutputSink::OutputSink(int fd) : fd_(fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return;
  if (S_ISSOCK(status.st_mode)) {
    kind_ = Kind::socket;
  } else if (S_ISFIFO(status.st_mode)) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    own_ = FileDescriptor(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    kind_ = own_ ? Kind::non_blocking : Kind::pipe;
  }
}

ssize_t OutputSink::attempt(std::string_view bytes) const {
  switch (kind_) {
    case Kind::non_blocking: return ::write(own_.get(), bytes.data(), bytes.size());
    case Kind::socket: return send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    case Kind::other: return ::write(fd_, bytes.data(), bytes.size());
    case Kind::pipe: {
      // A pipe that polls as writable takes this much without blocking.
      pollfd waiting{.fd = fd_, .events = POLLOUT, .revents = 0};
      if (poll(&waiting, 1, 0) == 1) return ::write(fd_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
      errno = EAGAIN;
      return -1;
    }
  }
  return -1;
}

std::size_t OutputSink::write(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const ssize_t count = attempt(bytes.substr(taken));
    if (count >= 0) {
      taken += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      return taken;
    } else if (errno != EINTR) {
      return bytes.size();
    }
  }
  return taken;
}

}  // namespace sockerless::agent
