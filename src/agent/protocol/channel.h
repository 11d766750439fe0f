#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/protocol/frame.h"
#include "base/websocket.h"

namespace sockerless::agent {

using websocket::CloseCode;
using websocket::Opcode;
using websocket::Role;

// How much of a connection to read at once: a quiet one costs little memory, a busy one few calls.
inline constexpr std::size_t kLeastRead = 16 * 1024;
inline constexpr std::size_t kMostRead = 128 * 1024;

// One upgraded connection without its socket: bytes in, frames out, and the reverse. Answers pings
// and the closing handshake by itself. Whoever owns the socket passes received bytes to receive(),
// writes outgoing() and calls ping() every ten seconds.
class Channel {
 public:
  Channel(Role role, std::uint64_t seed) : encoder_(role, seed), decoder_(role, kMaxMessage) {}

  void receive(std::string_view bytes) { decoder_.feed(bytes); }

  // The same without a copy: room to receive into, then how much of it has been used.
  char* prepare(std::size_t size) { return decoder_.prepare(size); }
  void commit(std::size_t size) { decoder_.commit(size); }

  // The next frame; its text lives until the next call of next(), receive() or prepare().
  std::optional<Frame> next();

  void send(const Frame& frame);
  void send_data(std::uint32_t session, Stream stream, std::string_view bytes);
  void ping();

  // Takes all that is outgoing and the beginning of a data frame, whose bytes, kMaxData at most, the caller writes
  // behind it from where they are. Nothing where they have to go through send_data(): to be masked, or dropped.
  std::optional<std::string> begin_data(std::uint32_t session, Stream stream, std::size_t size);

  // Says goodbye; what is sent afterwards is dropped.
  void close(CloseCode code, std::string_view reason);

  // A violation by the peer, reported to it by a close frame; the connection is of no more use.
  void fail(CloseCode code, std::string_view reason);

  // Bytes to be written to the socket, then reported as consumed.
  std::string_view outgoing() const { return std::string_view(outgoing_).substr(written_); }
  void consume(std::size_t bytes);

  // All of it at once, for who writes it whole.
  std::string take_outgoing();

  // No frame follows: the peer said goodbye or broke the protocol, or this side did.
  bool is_finished() const { return peer_closed_ || !error_.empty(); }
  const std::string& error() const { return error_; }  // empty after an orderly goodbye

  // The peer said that it wants nothing more, rather than that it goes away.
  bool is_dismissed() const { return is_dismissed_; }

 private:
  std::optional<Frame> take(const websocket::Event& event);

  websocket::Encoder encoder_;
  websocket::Decoder decoder_;
  std::string outgoing_;
  std::size_t written_ = 0;
  bool said_goodbye_ = false;
  bool peer_closed_ = false;
  bool is_dismissed_ = false;
  std::string error_;
};

}  // namespace sockerless::agent
