#include "http/connection.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <boost/asio/write.hpp>

#include <array>
#include <cstring>

namespace sockerless::http {
namespace {

class SocketConnection final : public Connection {
 public:
  explicit SocketConnection(StreamSocket socket) : socket_(std::move(socket)) {}

  Awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    boost::system::error_code error;
    const std::size_t count = co_await socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::eof) co_return 0;
    if (error) throw boost::system::system_error(error);
    co_return count;
  }

  Awaitable<void> write(std::string_view first, std::string_view second) override {
    // Most writes fit into the socket's buffer: trying first saves a round through the reactor.
    const std::size_t done = send_now(first, second);
    if (done == first.size() + second.size()) co_return;
    const std::size_t from_first = std::min(done, first.size());
    first.remove_prefix(from_first);
    second.remove_prefix(done - from_first);
    const std::array<asio::const_buffer, 2> rest{asio::buffer(first), asio::buffer(second)};
    co_await asio::async_write(socket_, rest, asio::use_awaitable);
  }

  std::size_t write_now(std::string_view bytes) override { return send_now(bytes, {}); }

  void shutdown_send() override {
    boost::system::error_code ignored;  // the peer may be gone already, which is as good
    socket_.shutdown(StreamSocket::shutdown_send, ignored);
  }

  void cancel() override {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }

  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  bool is_hung_up() const override {
    if (!socket_.is_open()) return true;
    pollfd state{const_cast<StreamSocket&>(socket_).native_handle(), 0, 0};
    return ::poll(&state, 1, 0) == 1 && (state.revents & (POLLHUP | POLLERR)) != 0;
  }

  bool has_unread() const override {
    auto& socket = const_cast<StreamSocket&>(socket_);
    boost::system::error_code failure;
    if (!socket_.is_open() || socket_.local_endpoint(failure).protocol().family() != AF_UNIX) return false;
    int bytes = 0;
    return ::ioctl(socket.native_handle(), SIOCOUTQ, &bytes) == 0 && bytes > 0;
  }

 private:
  std::size_t send_now(std::string_view first, std::string_view second) {
    std::array<iovec, 2> parts{iovec{const_cast<char*>(first.data()), first.size()},
                               iovec{const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
    throw boost::system::system_error(errno, boost::system::system_category());
  }

  StreamSocket socket_;
};

class ReadAheadConnection final : public Connection {
 public:
  ReadAheadConnection(std::unique_ptr<Connection> below, std::string read_ahead)
      : below_(std::move(below)), read_ahead_(std::move(read_ahead)) {}

  Awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    if (read_ahead_.empty()) return below_->read_some(into);
    return take(into);
  }

  Awaitable<void> write(std::string_view first, std::string_view second) override {
    return below_->write(first, second);
  }
  std::size_t write_now(std::string_view bytes) override { return below_->write_now(bytes); }
  void shutdown_send() override { below_->shutdown_send(); }
  void cancel() override { below_->cancel(); }
  void close() override { below_->close(); }
  bool is_hung_up() const override { return below_->is_hung_up(); }
  bool has_unread() const override { return below_->has_unread(); }

 private:
  Awaitable<std::size_t> take(asio::mutable_buffer into) {
    const std::size_t count = asio::buffer_copy(into, asio::buffer(read_ahead_));
    read_ahead_.erase(0, count);
    co_return count;
  }

  std::unique_ptr<Connection> below_;
  std::string read_ahead_;
};

}  // namespace

std::unique_ptr<Connection> make_connection(StreamSocket socket) {
  socket.non_blocking(true);
  return std::make_unique<SocketConnection>(std::move(socket));
}

std::unique_ptr<Connection> with_read_ahead(std::unique_ptr<Connection> connection, std::string read_ahead) {
  if (read_ahead.empty()) return connection;
  return std::make_unique<ReadAheadConnection>(std::move(connection), std::move(read_ahead));
}

}  // namespace sockerless::http
