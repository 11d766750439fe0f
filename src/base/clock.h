#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/async.h"
#include "base/time.h"

namespace sockerless {

// Where every time-out and every "now" comes from, so that tests can move time by hand
// (ManualClock in tests/support). Used on the event loop only.
class Clock {
 public:
  using Duration = std::chrono::nanoseconds;

  // A pending call; destroying it cancels the call.
  class Timer {
   public:
    virtual ~Timer() = default;
  };

  virtual ~Clock() = default;

  virtual Time now() const = 0;

  // Monotonic, for measuring how long something takes.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;

  // Calls `call` on the loop once the time has passed, unless the timer is destroyed before.
  virtual std::unique_ptr<Timer> after(Duration delay, std::function<void()> call) = 0;

  Awaitable<void> sleep(Duration delay);
};

class SystemClock final : public Clock {
 public:
  explicit SystemClock(Executor executor) : executor_(std::move(executor)) {}

  Time now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
  std::unique_ptr<Timer> after(Duration delay, std::function<void()> call) override;

 private:
  Executor executor_;
};

}  // namespace sockerless
