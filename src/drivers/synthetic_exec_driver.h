#pragma once

#include "core/exec_driver.h"

namespace sockerless::drivers {

// Execs of containers that are marked to have no agent: nothing runs, nothing is written, the exit code
// is 0. What clients make of it is said when the container is marked.
class SyntheticExecDriver final : public core::ExecDriver {
 public:
  bool serves(const core::Container& container) const override {
    return container.agent == core::AgentPresence::absent;
  }
  Awaitable<std::unique_ptr<core::ExecSession>> exec(core::Container container, core::ExecCommand command) override;
  Awaitable<void> check_user(core::Container container, std::string user) override;
};

}  // namespace sockerless::drivers
