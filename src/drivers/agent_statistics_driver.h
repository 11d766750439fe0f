#pragma once

#include "agent/hub/hub.h"
#include "base/clock.h"
#include "core/statistics_driver.h"

namespace sockerless::drivers {

// Asks the agent what the kernel of its task says, and reads it as ps and Docker do. The hub and the clock
// must outlive it.
class AgentStatisticsDriver final : public core::StatisticsDriver {
 public:
  AgentStatisticsDriver(agent::Hub& hub, Clock& clock) : hub_(hub), clock_(clock) {}

  bool serves(const core::Container& container) const override {
    return container.agent != core::AgentPresence::absent;
  }
  Awaitable<core::ProcessList> top(core::Container container, std::string arguments) override;
  Awaitable<core::ResourceSample> sample(core::Container container) override;

 private:
  struct Table;

  Awaitable<Table> list(std::string container_id);

  agent::Hub& hub_;
  Clock& clock_;
};

}  // namespace sockerless::drivers
