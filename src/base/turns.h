#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/async.h"

namespace sockerless {

// Lets so many coroutines of one loop through at a time; the others wait, first come, first served.
class Turns {
  struct Queue;

 public:
  // Gives its place to the next one when it goes, which may be after the Turns themselves.
  class Turn {
   public:
    explicit Turn(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {}
    Turn(Turn&&) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    std::shared_ptr<Queue> queue_;
  };

  explicit Turns(std::size_t limit);

  // One who is cancelled while it waits leaves the queue.
  Awaitable<Turn> take();

 private:
  std::shared_ptr<Queue> queue_;
};

}  // namespace sockerless
