#pragma once

#include "agent/hub/hub.h"
#include "core/network_driver.h"

namespace sockerless::drivers {

// Reaches a task's ports through its agent, so no route to the task is needed.
class AgentNetworkDriver final : public core::NetworkDriver {
 public:
  explicit AgentNetworkDriver(agent::Hub& hub) : hub_(hub) {}

  bool serves(const core::Container& container) const override {
    return container.agent != core::AgentPresence::absent;
  }
  Awaitable<std::unique_ptr<core::AttachSession>> dial(core::Container container, std::uint16_t port) override;
  Awaitable<std::string> set_hosts(core::Container container, std::vector<core::HostsEntry> entries) override;

 private:
  agent::Hub& hub_;
};

}  // namespace sockerless::drivers
