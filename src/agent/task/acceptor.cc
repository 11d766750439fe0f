#include "agent/task/acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "agent/protocol/handshake.h"
#include "agent/task/resolver.h"

namespace sockerless::agent {

namespace {

constexpr int kRequestLimit = 10'000;  // ms for a whole request
constexpr std::size_t kMaxPeers = 64;  // that have not been upgraded

std::string plain_response(std::string_view status, std::string_view text) {
  std::string body(text);
  body.push_back('\n');
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

FileDescriptor bind_and_listen(const SocketAddress& address) {
  FileDescriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const int off = 0;
  if (!socket) return socket;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6) setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  const bool is_listening =
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 &&
      ::listen(socket.get(), SOMAXCONN) == 0;
  if (!is_listening) {
    const int error = errno;
    socket.reset();
    errno = error;
  }
  return socket;
}

FileDescriptor adopt_listener(std::string_view number) {
  int fd = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fd);
  if (error != std::errc() || end != number.data() + number.size() || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    errno = EBADF;
    return FileDescriptor();
  }
  set_non_blocking(fd);
  return FileDescriptor(fd);
}

}  // namespace

Acceptor::~Acceptor() {
  while (!peers_.empty()) drop(peers_.begin()->first);
  if (listener_) loop_.forget(listener_.get());
}

std::string Acceptor::listen() {
  const std::string& where = options_.listen;
  const std::size_t colon = where.rfind(':');
  if (where.starts_with("fd:")) {
    listener_ = adopt_listener(std::string_view(where).substr(3));
  } else if (colon == std::string::npos) {
    return "address " + where + " has no port";
  } else {
    std::string host = where.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    std::string error;
    // An empty host is every address: of both families where there are two, else of IPv4.
    for (const std::string& candidate :
         host.empty() ? std::vector<std::string>{"::", "0.0.0.0"} : std::vector<std::string>{host}) {
      for (const SocketAddress& address : look_up(candidate, where.substr(colon + 1), AI_NUMERICHOST, error)) {
        if (!listener_) listener_ = bind_and_listen(address);
      }
    }
    if (!listener_ && !error.empty()) return error;
  }
  if (!listener_) return "cannot listen on " + where + ": " + strerror(errno);
  loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept_all(); });
  return {};
}

void Acceptor::accept_all() {
  for (;;) {
    FileDescriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    if (peers_.size() >= kMaxPeers) continue;
    const int fd = socket.get();
    Peer& peer = peers_[fd];
    peer.transport = std::make_unique<SocketTransport>(std::move(socket));
    peer.deadline = loop_.after(kRequestLimit, [this, fd] { drop(fd); });
    loop_.watch(fd, EPOLLIN, [this, fd](std::uint32_t) { carry_on(fd); });
  }
}

void Acceptor::carry_on(int fd) {
  Peer& peer = peers_[fd];
  if (peer.response.empty()) {
    if (!read_request(peer)) {
      if (peer.transport->state() == Transport::State::failed) drop(fd);
      return;
    }
    answer(peer);
  }
  write_response(fd);
}

// True once the head of the request is there, or too long to be one.
bool Acceptor::read_request(Peer& peer) {
  std::array<char, 4096> buffer;
  while (!find_head_end(peer.request) && peer.request.size() <= kMaxHead) {
    const std::size_t count = peer.transport->read(buffer.data(), buffer.size());
    if (count == 0) return false;
    peer.request.append(buffer.data(), count);
  }
  return true;
}

void Acceptor::answer(Peer& peer) {
  const auto end = find_head_end(peer.request);
  const auto head = end ? parse_head(std::string_view(peer.request).substr(0, *end)) : std::nullopt;
  if (!head) {
    peer.response = plain_response("400 Bad Request", "bad request");
  } else if (head->second == kHealthPath && head->first == "GET") {
    peer.response = plain_response("200 OK", "ok");
  } else if (head->second != kConnectPath) {
    peer.response = plain_response("404 Not Found", "not found");
  } else if (!is_same_secret(bearer_token(*head), options_.token)) {
    peer.response = plain_response("401 Unauthorized", "the token is wrong or missing");
  } else if (head->header(kContainerHeader) != options_.container_id ||
             head->header(kLaunchHeader) != options_.launch_id) {
    peer.response = plain_response("404 Not Found", "this is the agent of another container or launch");
  } else if (!is_upgrade_request(*head)) {
    peer.response = plain_response("400 Bad Request", "a WebSocket upgrade is expected");
  } else {
    peer.response = upgrade_response(head->header("Sec-WebSocket-Key"));
    peer.is_upgrade = true;
    peer.early = peer.request.substr(*end);
  }
}

void Acceptor::write_response(int fd) {
  Peer& peer = peers_[fd];
  while (!peer.response.empty()) {
    const std::size_t count = peer.transport->write(peer.response);
    if (count == 0 && peer.transport->state() == Transport::State::blocked) {
      loop_.change(fd, EPOLLOUT);
      return;
    }
    if (count == 0) break;
    peer.response.erase(0, count);
  }
  if (!peer.is_upgrade || !peer.response.empty()) {
    drop(fd);
    return;
  }
  loop_.cancel(peer.deadline);
  loop_.forget(fd);
  std::unique_ptr<Transport> transport = std::move(peer.transport);
  const std::string early = std::move(peer.early);
  peers_.erase(fd);
  connected_(std::move(transport), early);
}

void Acceptor::drop(int fd) {
  const auto found = peers_.find(fd);
  if (found == peers_.end()) return;
  loop_.cancel(found->second.deadline);
  loop_.forget(fd);
  peers_.erase(found);
}

}  // namespace sockerless::agent
