#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/task_group.h"
#include "base/turns.h"
#include "core/lifecycle.h"

namespace sockerless::core {

// Asks the agents of running containers how much their files have grown, a few at a time and each but once at a time.
// Lives on the daemon's loop.
class ChangedSizes {
 public:
  ChangedSizes(Executor executor, Services services) : services_(services), tasks_(std::move(executor)) {}

  // Bytes by container id, of those that run and whose agents answer in time: a list is not held up by them.
  Awaitable<std::map<std::string, std::int64_t>> measure(std::vector<Container> containers);

  Awaitable<void> shut_down() { return tasks_.join(); }

 private:
  static constexpr std::size_t kAtOnce = 8;  // agents

  struct Look {
    Container container;
    Event over;
    std::optional<std::int64_t> size;
  };
  using LookPointer = std::shared_ptr<Look>;

  LookPointer look_at(const Container& container);
  Awaitable<void> run(LookPointer look);

  Services services_;
  std::map<std::string, LookPointer> looks_;  // that are not over, by container id
  Turns turns_{kAtOnce};
  TaskGroup tasks_;
};

}  // namespace sockerless::core
