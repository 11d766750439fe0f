#pragma once

#include "base/async.h"
#include "core/container.h"

namespace sockerless::core {

// What has to be done inside a container between the coming of its agent and its command.
class LaunchPreparation {
 public:
  virtual ~LaunchPreparation() = default;

  // Asked before the task is; the command is then held back. Must not throw.
  virtual bool is_needed(const Container& container) const = 0;

  // The agent is there and holds the command. May be called again if the agent was lost meanwhile,
  // which is Error(unavailable); any other Error makes the launch fail.
  virtual Awaitable<void> prepare(Container container) = 0;
};

}  // namespace sockerless::core
