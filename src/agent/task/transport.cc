#include "agent/task/transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace sockerless::agent {

std::size_t Transport::fail(std::string error) {
  state_ = State::failed;
  error_ = std::move(error);
  return 0;
}

SocketTransport::SocketTransport(FileDescriptor socket) : socket_(std::move(socket)) {
  set_non_blocking(socket_.get());
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::size_t SocketTransport::read(char* data, std::size_t size) {
  return moved(recv(socket_.get(), data, size, 0), true);
}

std::size_t SocketTransport::write(std::string_view bytes) {
  return moved(send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), false);
}

std::size_t SocketTransport::moved(ssize_t count, bool is_read) {
  if (count > 0) {
    state_ = State::ready;
    return static_cast<std::size_t>(count);
  }
  if (count == 0 && is_read) return fail("the peer closed the connection");
  if (count == 0 || errno == EAGAIN || errno == EINTR) {
    state_ = State::blocked;
    return 0;
  }
  return fail(strerror(errno));
}

}  // namespace sockerless::agent
