#include "agent/task/dialer.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "agent/protocol/handshake.h"
#include "agent/task/random.h"
#include "agent/task/tls.h"

namespace sockerless::agent {

namespace {

constexpr int kAttemptLimit = 10'000;

std::string random_key() {
  std::array<std::uint64_t, 2> bytes{random_number(), random_number()};
  return make_key({reinterpret_cast<const char*>(bytes.data()), sizeof bytes});
}

}  // namespace

Dialer::~Dialer() {
  drop_attempt();
  loop_.cancel(pause_);
}

void Dialer::dial() {
  drop_attempt();
  loop_.cancel(pause_);
  deadline_ = loop_.after(kAttemptLimit, [this] { fail("connecting took longer than 10 s"); });
  const CallbackUrl& url = options_.callback;
  resolver_.resolve(url.host, url.port, [this](std::vector<SocketAddress> addresses, std::string error) {
    if (addresses.empty()) {
      fail(std::move(error));
      return;
    }
    addresses_ = std::move(addresses);
    next_address_ = 0;
    try_next_address();
  });
}

void Dialer::dial_again() {
  drop_attempt();
  loop_.cancel(pause_);
  pause_ = loop_.after(backoff_.next(random_number()), [this] { dial(); });
}

void Dialer::try_next_address() {
  while (next_address_ < addresses_.size()) {
    const SocketAddress& address = addresses_[next_address_++];
    FileDescriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const bool is_connected =
        socket && connect(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0;
    if (is_connected) {
      socket_connected(std::move(socket));
      return;
    }
    last_error_ = strerror(errno);
    if (!socket || errno != EINPROGRESS) continue;
    connecting_ = std::move(socket);
    loop_.watch(connecting_.get(), EPOLLOUT, [this](std::uint32_t) {
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(connecting_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      loop_.forget(connecting_.get());
      FileDescriptor connected = std::move(connecting_);
      if (error == 0) {
        socket_connected(std::move(connected));
        return;
      }
      last_error_ = strerror(error);
      try_next_address();
    });
    return;
  }
  fail("connect to " + options_.callback.authority() + ": " + last_error_);
}

void Dialer::socket_connected(FileDescriptor socket) {
  const CallbackUrl& url = options_.callback;
  if (url.tls) {
    const std::string& name = options_.tls_server_name.empty() ? url.host : options_.tls_server_name;
    transport_ = make_tls_transport(std::move(socket),
                                    {.certificate_authorities = options_.certificate_authorities, .server_name = name});
  } else {
    transport_ = std::make_unique<SocketTransport>(std::move(socket));
  }
  key_ = random_key();
  request_ = upgrade_request({.host = url.authority(),
                              .path = url.path,
                              .key = key_,
                              .token = options_.token,
                              .container_id = options_.container_id,
                              .launch_id = options_.launch_id});
  response_.clear();
  loop_.watch(transport_->fd(), EPOLLIN, [this](std::uint32_t) { carry_on(); });
  carry_on();
}

void Dialer::carry_on() {
  if (transport_->state() == Transport::State::failed || transport_->connect() == Transport::State::failed) {
    fail(transport_->error());
    return;
  }
  if (transport_->state() == Transport::State::blocked && transport_->events_when_blocked() != 0) {
    wait_for(transport_->events_when_blocked());
    return;
  }
  if (!write_request() || !read_response()) return;
  // What follows may start the next attempt, so this one is taken apart first.
  const std::string early = response_.substr(*find_head_end(response_));
  std::unique_ptr<Transport> transport = std::move(transport_);
  loop_.forget(transport->fd());
  drop_attempt();
  last_error_.clear();
  connected_(std::move(transport), early);
}

// True once the request has left.
bool Dialer::write_request() {
  while (!request_.empty()) {
    const std::size_t count = transport_->write(request_);
    request_.erase(0, count);
    if (count > 0) continue;
    if (transport_->state() == Transport::State::failed) {
      fail(transport_->error());
    } else {
      wait_for(EPOLLOUT);
    }
    return false;
  }
  return true;
}

// True once the daemon has agreed to the upgrade.
bool Dialer::read_response() {
  std::array<char, 4096> buffer;
  while (!find_head_end(response_)) {
    const std::size_t count = transport_->read(buffer.data(), buffer.size());
    response_.append(buffer.data(), count);
    if (response_.size() > kMaxHead) {
      fail("the answer to the upgrade request is too long");
      return false;
    }
    if (count > 0) continue;
    if (transport_->state() == Transport::State::failed) {
      fail(transport_->error());
    } else {
      wait_for(EPOLLIN);
    }
    return false;
  }
  const auto head = parse_head(std::string_view(response_).substr(0, *find_head_end(response_)));
  if (head && is_upgrade_response(*head, key_)) return true;
  const bool is_refused = head && (head->second == "401" || head->second == "404");
  if (is_refused) loop_.defer(refused_);
  fail(head ? "the daemon answered " + head->second + " " + head->third : "the answer is not HTTP");
  return false;
}

void Dialer::wait_for(std::uint32_t events) { loop_.change(transport_->fd(), events); }

void Dialer::drop_attempt() {
  resolver_.cancel();
  loop_.cancel(deadline_);
  if (connecting_) loop_.forget(connecting_.get());
  connecting_.reset();
  if (transport_) loop_.forget(transport_->fd());
  transport_.reset();
}

void Dialer::fail(std::string error) {
  last_error_ = std::move(error);
  dial_again();
}

}  // namespace sockerless::agent
