#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/async.h"
#include "http/connection.h"
#include "http/tls.h"

namespace sockerless::http {

// A listening socket. Owns the socket file of a unix listener and removes it at its end.
class Listener {
 public:
  // `address` is unix:///path, tcp://HOST:PORT or HOST:PORT; port 0 takes a free one, IPv6 hosts
  // stand in brackets; fd://N takes over a listening socket that this process was given. A socket
  // file that nobody serves any more is replaced. Throws
  // Error(invalid_argument | unavailable | internal) that names the address and the cause.
  Listener(Executor executor, const std::string& address);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Connections that are accepted from now on speak TLS.
  void use_tls(std::shared_ptr<const TlsServer> tls) { tls_ = std::move(tls); }

  // Of a unix listener's file. Throws Error(unavailable | invalid_argument) that names the cause.
  void set_permissions(const std::string& group, unsigned mode);

  Awaitable<std::unique_ptr<Connection>> accept();
  void close();

  // As given, with the port that was really taken.
  const std::string& address() const { return address_; }
  // 0 for a unix listener.
  int port() const { return port_; }

 private:
  void listen_on_unix(const std::string& path);
  void take_over(const std::string& number);
  void listen_on_tcp(const std::string& host_and_port);

  Executor executor_;
  std::string address_;
  std::string socket_file_;
  std::shared_ptr<const TlsServer> tls_;
  int port_ = 0;
  asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor_;
};

// A TCP connection to a host, which may be a name. Throws Error(unavailable) that names both.
Awaitable<std::unique_ptr<Connection>> dial(std::string host, int port);

// Splits "HOST:PORT" or "[v6]:PORT"; throws Error(invalid_argument).
std::pair<std::string, int> split_host_port(std::string_view text);

}  // namespace sockerless::http
