#pragma once

#include <list>
#include <memory>

#include "base/clock.h"

namespace sockerless::cloud {

// Another clock that can be put forward: timers that become due by it fire at once, in the order of their
// times. The wall clock and the monotonic one go together.
class CloudClock final : public Clock {
 public:
  explicit CloudClock(Clock& real);
  ~CloudClock() override;

  Time now() const override { return real_.now() + std::chrono::duration_cast<Time::duration>(ahead_); }
  std::chrono::steady_clock::time_point steady_now() const override {
    return real_.steady_now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(ahead_);
  }
  std::unique_ptr<Timer> after(Duration delay, std::function<void()> call) override;

  void advance(Duration by);
  Duration ahead() const { return ahead_; }

 private:
  struct Entry;
  class Handle;
  using Entries = std::list<std::shared_ptr<Entry>>;

  void arm(const std::shared_ptr<Entry>& entry);

  Clock& real_;
  Duration ahead_{0};
  std::shared_ptr<Entries> entries_;  // in the order of their times
};

}  // namespace sockerless::cloud
