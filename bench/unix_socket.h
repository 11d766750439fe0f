#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sockerless::bench {

// Ends the program, saying what failed and why (errno).
[[noreturn]] inline void fail(const char* doing) {
  std::perror(doing);
  std::exit(1);
}

// The descriptor of a connection to the unix socket; the program ends without one.
inline int connect_to(const char* path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
  return fd;
}

}  // namespace sockerless::bench
