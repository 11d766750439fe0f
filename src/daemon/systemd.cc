#include "daemon/systemd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <string>

#include "base/log.h"
#include "config/environment.h"

namespace sockerless::daemon {
namespace {

const Logger log("daemon");

constexpr int kFirstDescriptor = 3;

// A variable of systemd's protocol: it is no setting of ours, so no option.
int number_in(const char* variable) {
  const char* text = config::environment(variable);
  int number = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), number);
  return number;
}

}  // namespace

void notify_service_manager(std::string_view state) {
  const char* path = config::environment("NOTIFY_SOCKET");
  if (path == nullptr || *path == '\0') return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract address
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  const ssize_t sent =
      ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
  if (sent < 0) log.warn("the service manager was not told", {{"state", state}, {"error", std::strerror(errno)}});
  ::close(socket);
}

int inherited_sockets() {
  if (number_in("LISTEN_PID") != ::getpid()) return 0;
  const int count = number_in("LISTEN_FDS");
  for (int at = 0; at < count; ++at) ::fcntl(kFirstDescriptor + at, F_SETFD, FD_CLOEXEC);
  return count;
}

}  // namespace sockerless::daemon
