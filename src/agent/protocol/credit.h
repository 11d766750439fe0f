#pragma once

#include <cstdint>

namespace sockerless::agent {

// What a sender may send on a fresh stream, in each direction, before it is granted more.
inline constexpr std::uint32_t kInitialWindow = 256 * 1024;

// The sender's side of one stream.
class SendWindow {
 public:
  std::uint32_t available() const { return available_; }
  void consume(std::uint32_t bytes) { available_ -= bytes; }

  // False when the grant is more than the receiver can ever have taken: a protocol error.
  [[nodiscard]] bool grant(std::uint32_t bytes) {
    if (bytes == 0 || bytes > kInitialWindow - available_) return false;
    available_ += bytes;
    return true;
  }

 private:
  std::uint32_t available_ = kInitialWindow;
};

// The receiver's side: what the peer may still send, and what it is owed.
class ReceiveWindow {
 public:
  // False when the peer sent more than it was granted: a protocol error.
  [[nodiscard]] bool receive(std::uint32_t bytes) {
    if (bytes > open_) return false;
    open_ -= bytes;
    return true;
  }

  // Notes that bytes have left the buffer. Returns the credit to send now, or 0: small grants are
  // saved up, so that a stream costs one credit frame per half of its window: while one half is on its
  // way, the other is read.
  std::uint32_t release(std::uint32_t bytes) {
    owed_ += bytes;
    if (owed_ < kInitialWindow / 2) return 0;
    const std::uint32_t grant = owed_;
    owed_ = 0;
    open_ += grant;
    return grant;
  }

 private:
  std::uint32_t open_ = kInitialWindow;
  std::uint32_t owed_ = 0;
};

}  // namespace sockerless::agent
