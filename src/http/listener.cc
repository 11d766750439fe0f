#include "http/listener.h"

#include <fmt/format.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <charconv>
#include <cstring>

#include "base/error.h"

namespace sockerless::http {
namespace {

constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kDescriptor = "fd://";

using Tcp = asio::ip::tcp;

// Whether some process accepts connections on the socket file.
bool is_served(const std::string& path) {
  asio::io_context loop;
  asio::local::stream_protocol::socket probe(loop);
  boost::system::error_code error;
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  return !error;
}

StreamSocket without_delay(Tcp::socket socket) {
  socket.set_option(Tcp::no_delay(true));
  socket.set_option(asio::socket_base::keep_alive(true));
  return StreamSocket(std::move(socket));
}

}  // namespace

std::pair<std::string, int> split_host_port(std::string_view text) {
  const auto colon = text.rfind(':');
  int port = -1;
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (ec != std::errc{} || end != digits.data() + digits.size() || port > 65535) port = -1;
  }
  if (port < 0) {
    throw Error(ErrorKind::invalid_argument, fmt::format("\"{}\" is not HOST:PORT", text));
  }
  std::string host(text.substr(0, colon));
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return {host, port};
}

Listener::Listener(Executor executor, const std::string& address)
    : executor_(executor), address_(address), acceptor_(executor) {
  if (address.starts_with(kUnix)) {
    listen_on_unix(address.substr(kUnix.size()));
  } else if (address.starts_with(kDescriptor)) {
    take_over(address.substr(kDescriptor.size()));
  } else if (address.starts_with(kTcp)) {
    listen_on_tcp(address.substr(kTcp.size()));
  } else {
    listen_on_tcp(address);
  }
}

Listener::~Listener() { close(); }

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  if (!socket_file_.empty()) ::unlink(std::exchange(socket_file_, {}).c_str());
}

void Listener::listen_on_unix(const std::string& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    throw Error(ErrorKind::invalid_argument, fmt::format("cannot listen on {}: the path must have 1 to {} characters",
                                                         address_, sizeof(sockaddr_un::sun_path) - 1));
  }
  struct stat existing {};
  if (::lstat(path.c_str(), &existing) == 0) {
    if (!S_ISSOCK(existing.st_mode)) {
      throw Error(ErrorKind::unavailable,
                  fmt::format("cannot listen on {}: the file exists and is no socket", address_));
    }
    if (is_served(path)) {
      throw Error(ErrorKind::unavailable, fmt::format("cannot listen on {}: another process serves it", address_));
    }
    ::unlink(path.c_str());
  }
  try {
    const asio::local::stream_protocol::endpoint endpoint(path);
    acceptor_.open(asio::generic::stream_protocol(AF_UNIX, 0));
    acceptor_.bind(endpoint);
    socket_file_ = path;
    ::chmod(path.c_str(), 0660);
    acceptor_.listen();
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorKind::unavailable, fmt::format("cannot listen on {}: {}", address_, error.code().message()));
  }
}

void Listener::set_permissions(const std::string& group, unsigned mode) {
  if (socket_file_.empty()) return;
  gid_t id = static_cast<gid_t>(-1);
  if (!group.empty()) {
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), id);
    if (error != std::errc{} || end != group.data() + group.size()) {
      const struct group* known = ::getgrnam(group.c_str());
      if (known == nullptr) {
        throw Error(ErrorKind::invalid_argument,
                    fmt::format("there is no group {} for the socket of {}", group, address_));
      }
      id = known->gr_gid;
    }
  }
  if (::chown(socket_file_.c_str(), static_cast<uid_t>(-1), id) != 0 || ::chmod(socket_file_.c_str(), mode) != 0) {
    throw Error(ErrorKind::unavailable, fmt::format("cannot set group {} and mode {:o} of the socket of {}: {}", group,
                                                    mode, address_, std::strerror(errno)));
  }
}

void Listener::take_over(const std::string& number) {
  int descriptor = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), descriptor);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  int is_listening = 0;
  socklen_t option_size = sizeof is_listening;
  const bool is_ready = error == std::errc{} && end == number.data() + number.size() &&
                        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) == 0 &&
                        ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &option_size) == 0 &&
                        is_listening != 0;
  if (!is_ready) {
    throw Error(ErrorKind::invalid_argument, fmt::format("cannot listen on {}: it is no listening socket", address_));
  }
  const int protocol = bound.ss_family == AF_UNIX ? 0 : IPPROTO_TCP;
  acceptor_.assign(asio::generic::stream_protocol(bound.ss_family, protocol), descriptor);
  if (bound.ss_family == AF_INET) port_ = ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  if (bound.ss_family == AF_INET6) port_ = ntohs(reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
}

void Listener::listen_on_tcp(const std::string& host_and_port) {
  const auto [host, port] = split_host_port(host_and_port);
  try {
    const auto ip = host.empty() ? asio::ip::address(asio::ip::address_v4::any())
                                 : asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host);
    const Tcp::endpoint endpoint(ip, static_cast<unsigned short>(port));
    acceptor_.open(asio::generic::stream_protocol(endpoint.protocol().family(), IPPROTO_TCP));
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    Tcp::endpoint bound;
    const auto generic = acceptor_.local_endpoint();
    std::memcpy(bound.data(), generic.data(), generic.size());
    port_ = bound.port();
    address_ = address_.substr(0, address_.rfind(':') + 1) + std::to_string(port_);
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorKind::unavailable, fmt::format("cannot listen on {}: {}", address_, error.code().message()));
  }
}

Awaitable<std::unique_ptr<Connection>> Listener::accept() {
  StreamSocket socket = co_await acceptor_.async_accept(asio::use_awaitable);
  if (port_ != 0) {
    socket.set_option(Tcp::no_delay(true));
    socket.set_option(asio::socket_base::keep_alive(true));
  }
  auto connection = make_connection(std::move(socket));
  if (tls_) connection = tls_->wrap(std::move(connection));
  co_return connection;
}

Awaitable<std::unique_ptr<Connection>> dial(std::string host, int port) {
  const auto executor = co_await asio::this_coro::executor;
  try {
    Tcp::socket socket(executor);
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
      co_await socket.async_connect(Tcp::endpoint(address, static_cast<unsigned short>(port)), asio::use_awaitable);
    } else {
      Tcp::resolver resolver(executor);
      const auto found = co_await resolver.async_resolve(host, std::to_string(port), asio::use_awaitable);
      co_await asio::async_connect(socket, found, asio::use_awaitable);
    }
    co_return make_connection(without_delay(std::move(socket)));
  } catch (const boost::system::system_error& error) {
    if (is_cancelled(error)) throw;
    throw Error(ErrorKind::unavailable, fmt::format("cannot connect to {}:{}: {}", host, port, error.code().message()));
  }
}

}  // namespace sockerless::http
