#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sockerless::websocket {

// The side of the connection that this program is: a client masks what it sends and a server
// refuses what is not masked (RFC 6455 section 5.1).
enum class Role { client, server };

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Close codes of RFC 6455 section 7.4 that this program sends.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unacceptable = 1003,
  too_big = 1009,
};

// Writes WebSocket frames. Every message leaves as one frame; the peer may fragment, we never do.
class Encoder {
 public:
  // The seed makes masks unpredictable to whoever chooses the payload; it comes from the kernel.
  Encoder(Role role, std::uint64_t seed) : role_(role), random_(seed | 1) {}

  // Appends one frame whose payload is head followed by body.
  void append(std::string& out, Opcode opcode, std::string_view head, std::string_view body = {});

  // Only what stands before the body, for who sends the body from where it is. A client cannot: it masks.
  bool is_masking() const { return role_ == Role::client; }
  void append_without_body(std::string& out, Opcode opcode, std::string_view head, std::size_t body_size);

 private:
  void append_header(std::string& out, Opcode opcode, std::uint64_t length);
  std::uint32_t next_mask();

  Role role_;
  std::uint64_t random_;
};

// What a server answers to a client's Sec-WebSocket-Key.
std::string accept_key(std::string_view key);

// A whole message, or a control frame. The payload lives until the next call to the decoder.
struct Event {
  Opcode opcode = Opcode::binary;  // text, binary, close, ping or pong
  std::string_view payload;
};

// Reads WebSocket frames from bytes that arrive in pieces of any size. After the first violation it
// yields nothing more: error() says what it was and close_code() what to tell the peer.
class Decoder {
 public:
  Decoder(Role role, std::size_t max_message) : role_(role), max_message_(max_message) {}

  // Room for `size` bytes that arrive, and how many of them have. Payloads that were returned end here.
  char* prepare(std::size_t size);
  void commit(std::size_t size);

  void feed(std::string_view bytes);
  std::optional<Event> next();

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  CloseCode close_code() const { return close_code_; }

 private:
  struct Header {
    bool final = false;
    Opcode opcode = Opcode::continuation;
    bool masked = false;
    std::uint64_t length = 0;
    std::size_t size = 0;  // of the header itself
  };

  std::optional<Header> read_header();
  bool check(const Header& header);
  std::optional<Event> accept(const Header& header, std::string_view payload);
  void fail(CloseCode code, std::string_view what);

  Role role_;
  std::size_t max_message_;
  std::string buffer_;
  std::size_t at_ = 0;   // start of what next() has not returned yet
  std::size_t end_ = 0;  // end of what has arrived
  std::string message_;
  std::optional<Opcode> fragmented_;  // opcode of a message whose last fragment is still to come
  bool message_returned_ = false;
  std::string error_;
  CloseCode close_code_ = CloseCode::protocol_error;
};

}  // namespace sockerless::websocket
