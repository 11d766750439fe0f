#include "agent/task/dial_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent/protocol/frame.h"

namespace sockerless::agent {

DialSession::DialSession(Loop& loop, SessionPort& port, std::uint16_t number)
    : loop_(loop), port_(port), number_(number) {
  if (const int error = begin(AF_INET); error != 0) fail(error);
}

DialSession::~DialSession() { drop(); }

// 0, or the error number.
int DialSession::begin(int family) {
  socket_ = FileDescriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_) return errno;
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in6 address{};
  socklen_t size = sizeof address;
  if (family == AF_INET6) {
    address.sin6_family = AF_INET6;
    address.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    address.sin6_port = htons(number_);
  } else {
    sockaddr_in version_4{};
    version_4.sin_family = AF_INET;
    version_4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    version_4.sin_port = htons(number_);
    size = sizeof version_4;
    std::memcpy(&address, &version_4, sizeof version_4);
  }
  const int result = ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size);
  if (result != 0 && errno != EINPROGRESS) return errno;
  loop_.watch(socket_.get(), EPOLLOUT, [this](std::uint32_t events) { ready(events); });
  return 0;
}

void DialSession::ready(std::uint32_t events) {
  if (!is_connected_) {
    connected();
    return;
  }
  if ((events & EPOLLOUT) != 0) write_some();
  if (socket_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_some();
}

// Some servers listen on the newer protocol's loopback address alone.
void DialSession::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == ECONNREFUSED && !is_version_6_) {
    is_version_6_ = true;
    drop();
    // Without that protocol the first answer stands.
    if (begin(AF_INET6) == 0) return;
  }
  if (error != 0) {
    fail(error);
    return;
  }
  is_connected_ = true;
  port_.opened();
  update();
}

bool DialSession::data(std::string_view bytes) {
  if (is_input_closed_) {
    port_.consumed(static_cast<std::uint32_t>(bytes.size()));
    return true;
  }
  unwritten_.append(bytes);
  if (is_connected_) write_some();
  return true;
}

void DialSession::input_ended() {
  is_input_ended_ = true;
  if (is_connected_) write_some();
}

void DialSession::write_some() {
  while (!unwritten_.empty()) {
    const ssize_t count = ::send(socket_.get(), unwritten_.data(), unwritten_.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) {
      // The server reads no more; what it writes still arrives.
      port_.consumed(static_cast<std::uint32_t>(unwritten_.size()));
      unwritten_.clear();
      is_input_ended_ = true;
      break;
    }
    unwritten_.erase(0, static_cast<std::size_t>(count));
    port_.consumed(static_cast<std::uint32_t>(count));
  }
  if (unwritten_.empty() && is_input_ended_) end_input();
  update();
}

void DialSession::end_input() {
  if (is_input_closed_) return;
  is_input_closed_ = true;
  ::shutdown(socket_.get(), SHUT_WR);
  finish_if_done();
}

void DialSession::read_some() {
  char buffer[kMaxData];
  for (;;) {
    const std::size_t room = std::min(port_.available(Stream::standard_out), sizeof buffer);
    if (room == 0) break;
    const ssize_t count = ::recv(socket_.get(), buffer, room, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) {  // reset: the client must not take it for an end in order
      fail(errno);
      return;
    }
    if (count == 0) {
      is_output_ended_ = true;
      port_.end(Stream::standard_out);
      break;
    }
    port_.send(Stream::standard_out, std::string_view(buffer, static_cast<std::size_t>(count)));
  }
  update();
  finish_if_done();
}

void DialSession::update() {
  if (!socket_ || !is_connected_) return;
  std::uint32_t events = 0;
  if (!unwritten_.empty()) events |= EPOLLOUT;
  if (!is_output_ended_ && port_.available(Stream::standard_out) > 0) events |= EPOLLIN;
  loop_.change(socket_.get(), events);
}

void DialSession::finish_if_done() {
  if (!is_output_ended_ || !is_input_closed_ || port_.is_over()) return;
  drop();
  port_.close(0);
}

void DialSession::fail(int error_number) {
  drop();
  port_.fail(error_number, "port " + std::to_string(number_) + ": " + strerror(error_number));
}

void DialSession::drop() {
  if (socket_) loop_.forget(socket_.get());
  socket_.reset();
}

}  // namespace sockerless::agent
