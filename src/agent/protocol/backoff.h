#pragma once

#include <algorithm>
#include <cstdint>

namespace sockerless::agent {

// How long to wait before dialling again: a first step after a good connection, then twice as long
// each time up to ten seconds, and a random part of it so that agents do not come all at once.
class Backoff {
 public:
  static constexpr int kLongest = 10'000;

  explicit Backoff(int first_milliseconds) : first_(first_milliseconds), step_(first_milliseconds) {}

  // Milliseconds, between half and all of the current step.
  int next(std::uint64_t random) {
    const int step = step_;
    step_ = std::min(2 * step_, kLongest);
    return step / 2 + static_cast<int>(random % static_cast<std::uint64_t>(step / 2 + 1));
  }
  void reset() { step_ = first_; }

 private:
  int first_;
  int step_;
};

}  // namespace sockerless::agent
