#pragma once

#include "core/statistics_driver.h"

namespace sockerless::drivers {

// What can be said of containers that are marked to have no agent: their command, which their record knows,
// and zeros that are marked as such.
class SyntheticStatisticsDriver final : public core::StatisticsDriver {
 public:
  bool serves(const core::Container& container) const override {
    return container.agent == core::AgentPresence::absent;
  }
  // One process, the container's own, as the record has it; the arguments only decide what is shown of it.
  Awaitable<core::ProcessList> top(core::Container container, std::string arguments) override;
  Awaitable<core::ResourceSample> sample(core::Container container) override;
};

}  // namespace sockerless::drivers
