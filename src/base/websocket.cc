#include "base/websocket.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/sha1.h"

namespace sockerless::websocket {

namespace {

constexpr std::size_t kMaxControlPayload = 125;
constexpr std::size_t kKeptBuffers = 8;                                     // of the size that is asked for
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 section 1.3

bool is_control(Opcode opcode) { return (static_cast<unsigned>(opcode) & 8U) != 0; }

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

// XORs in place, as if the payload began at position `phase` of the masked data.
void apply_mask(char* data, std::size_t size, const std::array<char, 4>& mask, std::size_t phase) {
  std::array<char, 8> wide;
  for (std::size_t i = 0; i < wide.size(); ++i) wide[i] = mask[(phase + i) % 4];
  std::uint64_t key = 0;
  std::memcpy(&key, wide.data(), sizeof key);
  std::size_t at = 0;
  for (; at + sizeof key <= size; at += sizeof key) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + at, sizeof word);
    word ^= key;
    std::memcpy(data + at, &word, sizeof word);
  }
  for (; at < size; ++at) data[at] = static_cast<char>(data[at] ^ wide[at % 8]);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// Section 7.4.1: codes that may travel on the wire.
bool is_valid_close(std::string_view payload) {
  if (payload.empty()) return true;
  if (payload.size() < 2) return false;
  const std::uint64_t code = big_endian(payload.substr(0, 2));
  const bool reserved = code == 1004 || code == 1005 || code == 1006 || (code > 1014 && code < 3000);
  return code >= 1000 && code < 5000 && !reserved;
}

}  // namespace

std::string accept_key(std::string_view key) {
  const std::array<std::uint8_t, 20> digest = sha1(std::string(key).append(kGuid));
  return base64(std::string(digest.begin(), digest.end()));
}

std::uint32_t Encoder::next_mask() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return static_cast<std::uint32_t>((random_ * 0x2545f4914f6cdd1dULL) >> 32);
}

void Encoder::append_header(std::string& out, Opcode opcode, std::uint64_t length) {
  const unsigned mask_bit = role_ == Role::client ? 0x80 : 0;
  out.push_back(static_cast<char>(0x80 | static_cast<unsigned>(opcode)));
  int extended = 0;
  if (length < 126) {
    out.push_back(static_cast<char>(mask_bit | length));
  } else if (length <= 0xffff) {
    out.push_back(static_cast<char>(mask_bit | 126));
    extended = 2;
  } else {
    out.push_back(static_cast<char>(mask_bit | 127));
    extended = 8;
  }
  for (int shift = 8 * (extended - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((length >> shift) & 0xff));
  }
}

void Encoder::append_without_body(std::string& out, Opcode opcode, std::string_view head, std::size_t body_size) {
  append_header(out, opcode, head.size() + body_size);
  out.append(head);
}

void Encoder::append(std::string& out, Opcode opcode, std::string_view head, std::string_view body) {
  append_header(out, opcode, head.size() + body.size());
  if (role_ == Role::server) {
    out.append(head).append(body);
    return;
  }
  const std::uint32_t key = next_mask();
  std::array<char, 4> mask;
  std::memcpy(mask.data(), &key, mask.size());
  out.append(mask.data(), mask.size());
  const std::size_t start = out.size();
  out.append(head).append(body);
  apply_mask(out.data() + start, out.size() - start, mask, 0);
}

char* Decoder::prepare(std::size_t size) {
  if (buffer_.size() - end_ < size && at_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
    end_ -= at_;
    at_ = 0;
  }
  // What a large message or a burst took is not kept.
  if (end_ == 0 && buffer_.size() > kKeptBuffers * size) buffer_ = std::string();
  // Doubled, so that a large message in small pieces is not moved again and again.
  if (buffer_.size() - end_ < size) buffer_.resize(std::max(end_ + size, std::min(buffer_.size() * 2, max_message_)));
  return buffer_.data() + end_;
}

void Decoder::commit(std::size_t size) {
  if (!failed()) end_ += size;
}

void Decoder::feed(std::string_view bytes) {
  std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
  commit(bytes.size());
}

std::optional<Decoder::Header> Decoder::read_header() {
  const std::string_view in = std::string_view(buffer_).substr(at_, end_ - at_);
  if (in.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(in[0]);
  const auto second = static_cast<unsigned char>(in[1]);
  if ((first & 0x70U) != 0 || !is_known(first & 0x0fU)) {
    fail(CloseCode::protocol_error, "unknown frame type or extension bit");
    return std::nullopt;
  }
  Header header{.final = (first & 0x80U) != 0,
                .opcode = static_cast<Opcode>(first & 0x0fU),
                .masked = (second & 0x80U) != 0,
                .length = second & 0x7fU,
                .size = 2};
  const std::size_t extended = header.length == 126 ? 2 : header.length == 127 ? 8 : 0;
  const std::size_t mask = header.masked ? 4 : 0;
  if (in.size() < 2 + extended + mask) return std::nullopt;
  header.size += extended + mask;
  if (extended > 0) {
    header.length = big_endian(in.substr(2, extended));
    if (header.length <= (extended == 2 ? 125U : 0xffffU)) {
      fail(CloseCode::protocol_error, "length is not encoded in the shortest form");
      return std::nullopt;
    }
  }
  if (!check(header)) return std::nullopt;
  return header;
}

bool Decoder::check(const Header& header) {
  if (header.masked != (role_ == Role::server)) {
    fail(CloseCode::protocol_error, header.masked ? "masked frame from a server" : "unmasked frame from a client");
  } else if (is_control(header.opcode)) {
    if (!header.final || header.length > kMaxControlPayload) {
      fail(CloseCode::protocol_error, "control frame is fragmented or too long");
    }
  } else if ((header.opcode == Opcode::continuation) != fragmented_.has_value()) {
    fail(CloseCode::protocol_error, "fragments out of order");
  } else if (header.length > max_message_ || (fragmented_ && message_.size() + header.length > max_message_)) {
    fail(CloseCode::too_big, "message is too big");
  }
  return !failed();
}

std::optional<Event> Decoder::next() {
  if (message_returned_) {
    message_.clear();
    message_returned_ = false;
  }
  while (!failed()) {
    const std::optional<Header> header = read_header();
    if (!header || end_ - at_ < header->size + header->length) return std::nullopt;
    char* payload = buffer_.data() + at_ + header->size;
    const auto length = static_cast<std::size_t>(header->length);
    if (header->masked) {
      std::array<char, 4> mask;
      std::memcpy(mask.data(), payload - mask.size(), mask.size());
      apply_mask(payload, length, mask, 0);
    }
    at_ += header->size + length;
    if (auto event = accept(*header, std::string_view(payload, length))) return event;
  }
  return std::nullopt;
}

std::optional<Event> Decoder::accept(const Header& header, std::string_view payload) {
  if (is_control(header.opcode)) {
    if (header.opcode == Opcode::close && !is_valid_close(payload)) {
      fail(CloseCode::protocol_error, "malformed close frame");
      return std::nullopt;
    }
    return Event{.opcode = header.opcode, .payload = payload};
  }
  if (!fragmented_ && header.final) return Event{.opcode = header.opcode, .payload = payload};

  if (!fragmented_) fragmented_ = header.opcode;
  message_.append(payload);
  if (!header.final) return std::nullopt;
  const Opcode opcode = *fragmented_;
  fragmented_.reset();
  message_returned_ = true;
  return Event{.opcode = opcode, .payload = message_};
}

void Decoder::fail(CloseCode code, std::string_view what) {
  error_ = what;
  close_code_ = code;
}

}  // namespace sockerless::websocket
