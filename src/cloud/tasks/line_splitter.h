#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sockerless::cloud {

// Cuts one output stream of a container into log messages as the awslogs driver does: at newlines,
// which are dropped with empty lines; a line that is longer than an event may be is split on a
// character's boundary; bytes that are no UTF-8 become U+FFFD.
class LineSplitter {
 public:
  static constexpr std::size_t kLongestMessage = 262'118;

  using Emit = std::function<void(std::string message)>;

  void feed(std::string_view bytes, const Emit& emit);
  // The output has ended: what stands without a newline is a message too.
  void finish(const Emit& emit);

 private:
  void emit_line(std::string_view line, const Emit& emit);

  std::string partial_;
};

}  // namespace sockerless::cloud
