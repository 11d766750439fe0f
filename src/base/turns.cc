#include "base/turns.h"

#include <list>

#include "base/event.h"
#include "base/rollback.h"

namespace sockerless {

struct Turns::Queue {
  explicit Queue(std::size_t limit) : free(limit) {}

  void pass_on() {
    if (waiting.empty()) {
      ++free;
      return;
    }
    const auto next = waiting.front();
    waiting.pop_front();
    next->set();
  }

  std::size_t free;
  std::list<std::shared_ptr<Event>> waiting;
};

Turns::Turn::~Turn() {
  if (queue_) queue_->pass_on();
}

Turns::Turns(std::size_t limit) : queue_(std::make_shared<Queue>(limit)) {}

Awaitable<Turns::Turn> Turns::take() {
  const auto queue = queue_;
  if (queue->free > 0) {
    --queue->free;
    co_return Turn(queue);
  }
  const auto called = std::make_shared<Event>();
  queue->waiting.push_back(called);
  bool is_taken = false;
  const Rollback give_up([&] {
    if (is_taken) return;
    queue->waiting.remove(called);
    if (called->is_set()) queue->pass_on();
  });
  co_await called->wait();
  is_taken = true;
  co_return Turn(queue);
}

}  // namespace sockerless
