#include "base/event.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace sockerless {

// Asio's timer is the cheapest thing that a coroutine can be suspended on and that honours
// cancellation; it never expires by itself here.
struct Event::Waiter {
  explicit Waiter(const Executor& executor) : timer(executor, asio::steady_timer::time_point::max()) {}

  enum class Outcome { cancelled, woken, timed_out };

  void wake(Outcome why) {
    outcome = why;
    timer.cancel();
  }

  asio::steady_timer timer;
  Outcome outcome = Outcome::cancelled;
};

Event::~Event() {
  for (const auto& waiter : waiters_) waiter->timer.cancel();
}

void Event::set() {
  is_set_ = true;
  pulse();
}

void Event::pulse() {
  const auto woken = std::exchange(waiters_, {});
  for (const auto& waiter : woken) waiter->wake(Waiter::Outcome::woken);
}

// Touches no member: the event may be gone when the waiter resumes.
Awaitable<void> Event::suspend(std::shared_ptr<Waiter> waiter) {
  boost::system::error_code error;
  co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  if (waiter->outcome == Waiter::Outcome::cancelled) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

Awaitable<void> Event::wait() {
  if (is_set_) co_return;
  auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
  waiters_.push_back(waiter);
  co_await suspend(waiter);
}

Awaitable<bool> Event::wait_for(Clock& clock, Clock::Duration limit) {
  if (is_set_) co_return true;
  auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
  waiters_.push_back(waiter);
  const auto timer = clock.after(limit, [this, waiter] {
    waiters_.remove(waiter);
    waiter->wake(Waiter::Outcome::timed_out);
  });
  co_await suspend(waiter);
  co_return waiter->outcome == Waiter::Outcome::woken;
}

}  // namespace sockerless
