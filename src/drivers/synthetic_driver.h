#pragma once

#include "core/backend.h"
#include "core/containers.h"
#include "core/driver.h"

namespace sockerless::drivers {

// What can be had of a container without an agent: its output as the logs tell it, no input, no
// signals. Serves only containers that are marked to have none.
class SyntheticDriver final : public core::ProcessDriver {
 public:
  // The containers' logs; set before the first container is served.
  void read_logs_of(const core::Containers& containers) { containers_ = &containers; }

  std::string_view name() const override { return "synthetic"; }
  bool serves(const core::Container& container) const override {
    return container.agent == core::AgentPresence::absent;
  }
  Awaitable<std::unique_ptr<core::AttachSession>> attach(core::Container container,
                                                         core::AttachStreams streams) override;
  Awaitable<void> signal(core::Container container, int signal) override;
  Awaitable<void> resize(core::Container container, int rows, int columns) override;

 private:
  const core::Containers* containers_ = nullptr;
};

}  // namespace sockerless::drivers
