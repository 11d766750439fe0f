#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <memory>
#include <string>
#include <string_view>

#include "base/async.h"

namespace sockerless::http {

// A byte stream in both directions whose halves close apart: a unix or TCP socket, whatever it is
// wrapped in. One read and one write may be under way at a time. Destroying it closes it.
class Connection {
 public:
  virtual ~Connection() = default;

  // At least one byte, or 0 when the peer will send no more. Throws boost::system::system_error.
  virtual Awaitable<std::size_t> read_some(asio::mutable_buffer into) = 0;

  // Both texts in one go; they must outlive the call. Throws boost::system::system_error.
  virtual Awaitable<void> write(std::string_view first, std::string_view second = {}) = 0;

  // Takes what can be sent without waiting; returns how much that was. Not while a write is under way.
  // Throws boost::system::system_error.
  virtual std::size_t write_now(std::string_view bytes) = 0;

  // The peer reads the end; this side may go on reading.
  virtual void shutdown_send() = 0;

  // Pending reads and writes end with operation_aborted; the connection stays usable.
  virtual void cancel() = 0;

  // Both directions, at once; pending operations end.
  virtual void close() = 0;

  // True once the peer is gone in both directions, not just done with sending. A TCP peer that is
  // gone shows only when something is written.
  virtual bool is_hung_up() const = 0;

  // True while the peer has bytes to read that were written here. Only unix sockets tell.
  virtual bool has_unread() const { return false; }
};

using StreamSocket = asio::generic::stream_protocol::socket;

std::unique_ptr<Connection> make_connection(StreamSocket socket);

// Delivers `read_ahead` before what `connection` reads: for bytes that came with a request's head
// and belong to the stream behind it.
std::unique_ptr<Connection> with_read_ahead(std::unique_ptr<Connection> connection, std::string read_ahead);

}  // namespace sockerless::http
