#pragma once

#include <list>
#include <memory>

#include "base/async.h"
#include "base/clock.h"

namespace sockerless {

// Something that coroutines of one loop wait for. set() wakes all who wait and stays set until
// reset(). May be destroyed while somebody waits: the wait then ends as if cancelled.
class Event {
 public:
  Event() = default;
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void set();
  void reset() { is_set_ = false; }
  bool is_set() const { return is_set_; }

  // Wakes who waits now and stays unset: for "look again, something changed".
  void pulse();

  Awaitable<void> wait();

  // False if the time passed first.
  Awaitable<bool> wait_for(Clock& clock, Clock::Duration limit);

 private:
  struct Waiter;

  Awaitable<void> suspend(std::shared_ptr<Waiter> waiter);

  bool is_set_ = false;
  std::list<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace sockerless
