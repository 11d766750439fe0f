#include "agent/protocol/channel.h"

#include <utility>

#include "agent/protocol/bytes.h"

namespace sockerless::agent {

namespace {

constexpr std::size_t kMaxReason = 123;  // what fits into a close frame

// A peer that sends pings and never reads must not fill the memory with pongs.
constexpr std::size_t kMaxUnreadForPong = 4 * 1024 * 1024;

}  // namespace

std::optional<Frame> Channel::next() {
  while (!is_finished()) {
    const std::optional<websocket::Event> event = decoder_.next();
    if (!event) {
      if (decoder_.failed()) fail(decoder_.close_code(), decoder_.error());
      return std::nullopt;
    }
    if (auto frame = take(*event)) return frame;
  }
  return std::nullopt;
}

std::optional<Frame> Channel::take(const websocket::Event& event) {
  switch (event.opcode) {
    case Opcode::binary: {
      auto frame = decode(event.payload);
      if (!frame) fail(CloseCode::protocol_error, "malformed frame");
      return frame;
    }
    case Opcode::ping:
      if (!said_goodbye_ && outgoing().size() < kMaxUnreadForPong) {
        encoder_.append(outgoing_, Opcode::pong, event.payload);
      }
      return std::nullopt;
    case Opcode::close:
      peer_closed_ = true;
      is_dismissed_ = ByteReader(event.payload).u16() == static_cast<std::uint16_t>(CloseCode::normal);
      if (!said_goodbye_) encoder_.append(outgoing_, Opcode::close, event.payload.substr(0, 2));
      said_goodbye_ = true;
      return std::nullopt;
    case Opcode::text: fail(CloseCode::unacceptable, "text message"); return std::nullopt;
    case Opcode::pong:
    case Opcode::continuation: return std::nullopt;
  }
  return std::nullopt;
}

void Channel::send(const Frame& frame) {
  if (said_goodbye_) return;
  std::string message;
  encode(message, frame);
  encoder_.append(outgoing_, Opcode::binary, message);
}

void Channel::send_data(std::uint32_t session, Stream stream, std::string_view bytes) {
  if (said_goodbye_) return;
  const std::string head = encode_data_head(session, stream);
  constexpr std::size_t kHead = 32;  // of a frame and its message
  outgoing_.reserve(outgoing_.size() + bytes.size() + kHead * (1 + bytes.size() / kMaxData));
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kMaxData);
    encoder_.append(outgoing_, Opcode::binary, head, piece);
    bytes.remove_prefix(piece.size());
  }
}

std::optional<std::string> Channel::begin_data(std::uint32_t session, Stream stream, std::size_t size) {
  if (said_goodbye_ || encoder_.is_masking()) return std::nullopt;
  encoder_.append_without_body(outgoing_, Opcode::binary, encode_data_head(session, stream), size);
  return take_outgoing();
}

void Channel::ping() {
  if (!said_goodbye_) encoder_.append(outgoing_, Opcode::ping, {});
}

void Channel::close(CloseCode code, std::string_view reason) {
  if (said_goodbye_) return;
  std::string payload;
  ByteWriter writer(payload);
  writer.u16(static_cast<std::uint16_t>(code));
  writer.bytes(reason.substr(0, kMaxReason));
  encoder_.append(outgoing_, Opcode::close, payload);
  said_goodbye_ = true;
}

void Channel::fail(CloseCode code, std::string_view reason) {
  if (is_finished()) return;
  close(code, reason);
  error_ = "protocol error: " + std::string(reason);
}

std::string Channel::take_outgoing() {
  if (written_ > 0) outgoing_.erase(0, written_);
  written_ = 0;
  return std::exchange(outgoing_, {});
}

void Channel::consume(std::size_t bytes) {
  written_ += bytes;
  if (written_ == outgoing_.size()) {
    outgoing_.clear();
    written_ = 0;
  } else if (written_ > outgoing_.size() / 2) {
    outgoing_.erase(0, written_);
    written_ = 0;
  }
}

}  // namespace sockerless::agent
