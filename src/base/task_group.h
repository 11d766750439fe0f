#pragma once

#include <memory>
#include <string>

#include "base/async.h"

namespace sockerless {

// Owns spawned coroutines. Whoever spawns into a group outlives it or joins it: join() cancels
// them all and returns when the last has ended. An exception that leaves a task is logged.
class TaskGroup {
 public:
  explicit TaskGroup(Executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // `name` says in the log what failed. Must not be called once join() has begun.
  void spawn(std::string name, Awaitable<void> task);

  std::size_t size() const;
  const Executor& executor() const { return executor_; }

  void cancel();
  Awaitable<void> join();

 private:
  struct State;

  Executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace sockerless
