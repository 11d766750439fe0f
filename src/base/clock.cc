#include "base/clock.h"

#include <boost/asio/steady_timer.hpp>

#include "base/event.h"

namespace sockerless {
namespace {

class AsioTimer final : public Clock::Timer {
 public:
  AsioTimer(const Executor& executor, Clock::Duration delay, std::function<void()> call) : timer_(executor, delay) {
    // The flag outlives this object: a handler that is already queued must not call any more.
    timer_.async_wait([alive = alive_, call = std::move(call)](boost::system::error_code error) {
      if (!error && *alive) call();
    });
  }
  ~AsioTimer() override { *alive_ = false; }

 private:
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  asio::steady_timer timer_;
};

}  // namespace

Awaitable<void> Clock::sleep(Duration delay) {
  Event never;
  co_await never.wait_for(*this, delay);
}

Time SystemClock::now() const { return std::chrono::system_clock::now(); }

std::chrono::steady_clock::time_point SystemClock::steady_now() const { return std::chrono::steady_clock::now(); }

std::unique_ptr<Clock::Timer> SystemClock::after(Duration delay, std::function<void()> call) {
  return std::make_unique<AsioTimer>(executor_, delay, std::move(call));
}

}  // namespace sockerless
