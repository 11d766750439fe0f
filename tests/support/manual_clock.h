#pragma once

#include <memory>
#include <set>

#include "base/clock.h"

namespace sockerless::test {

// Time that stands still until the test moves it. Both clocks start at 2026-01-01 00:00:00 UTC.
class ManualClock final : public Clock {
 public:
  // With `skip_waits`, a timer that is set moves the time to its end by itself, once the loop
  // comes round: for code whose waits only have to be counted.
  enum class Mode { by_hand, skip_waits };

  explicit ManualClock(Executor executor, Mode mode = Mode::by_hand);
  ~ManualClock() override;

  Time now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
  std::unique_ptr<Timer> after(Duration delay, std::function<void()> call) override;

  // Calls what has become due, in order of time.
  void advance(Duration by);
  // Sets the wall clock alone, as an administrator does.
  void set_wall_clock(Time to);

  // Since the start.
  Duration elapsed() const { return elapsed_; }
  std::size_t pending() const;

 private:
  struct Entry;
  struct Timers;
  class Handle;

  Executor executor_;
  Mode mode_;
  Duration elapsed_{0};
  Duration wall_offset_{0};
  std::shared_ptr<Timers> timers_;
};

}  // namespace sockerless::test
