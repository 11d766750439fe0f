#pragma once

#include "agent/hub/hub.h"
#include "core/driver.h"

namespace sockerless::drivers {

// The agent's session as core sees it.
std::unique_ptr<core::AttachSession> adapt(std::unique_ptr<agent::StreamSession> session);

// Reaches the process through the agent in its task. Serves every container but those that are
// known to have no agent.
class AgentDriver final : public core::ProcessDriver {
 public:
  explicit AgentDriver(agent::Hub& hub) : hub_(hub) {}

  std::string_view name() const override { return "agent"; }
  bool serves(const core::Container& container) const override {
    return container.agent != core::AgentPresence::absent;
  }
  Awaitable<std::unique_ptr<core::AttachSession>> attach(core::Container container,
                                                         core::AttachStreams streams) override;
  Awaitable<void> signal(core::Container container, int signal) override;
  Awaitable<void> resize(core::Container container, int rows, int columns) override;

 private:
  agent::Hub& hub_;
};

}  // namespace sockerless::drivers
