#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sockerless::agent {

// Counts the events that the awslogs driver makes of one output stream: an event per line, none
// for an empty line, and a long line cut into events of the largest size.
class LogEventCounter {
 public:
  static constexpr std::size_t kMaxEvent = 262118;  // CloudWatch's 256 KiB less its overhead of 26

  void add(std::string_view bytes);

  // With the unterminated line at the end of the output.
  std::uint64_t total() const { return events_ + (line_ > 0 ? 1 : 0); }

 private:
  std::uint64_t events_ = 0;
  std::size_t line_ = 0;  // bytes of the current line that belong to no event yet
};

}  // namespace sockerless::agent
