#pragma once

#include "agent/hub/hub.h"
#include "core/exec_driver.h"

namespace sockerless::drivers {

// Runs further commands through the agent in the container's task. Serves every container but those
// that are known to have no agent.
class AgentExecDriver final : public core::ExecDriver {
 public:
  explicit AgentExecDriver(agent::Hub& hub) : hub_(hub) {}

  bool serves(const core::Container& container) const override {
    return container.agent != core::AgentPresence::absent;
  }
  Awaitable<std::unique_ptr<core::ExecSession>> exec(core::Container container, core::ExecCommand command) override;
  Awaitable<void> check_user(core::Container container, std::string user) override;

 private:
  agent::Hub& hub_;
};

}  // namespace sockerless::drivers
