#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "core/exec_driver.h"

namespace sockerless::test {

// Runs no commands, remembers what it was asked, and lets every exec write and end as the test says.
class FakeExecs final : public core::ExecDriver {
 public:
  FakeExecs() { may_end.set(); }

  bool serves(const core::Container& container) const override {
    return container.agent != core::AgentPresence::absent;
  }
  Awaitable<std::unique_ptr<core::ExecSession>> exec(core::Container container, core::ExecCommand command) override;
  Awaitable<void> check_user(core::Container container, std::string user) override;

  std::vector<core::OutputPart> output;  // of every exec
  int exit_code = 0;
  Event may_end;                 // reset: execs go on behind their output until it is set
  std::optional<Error> refusal;  // of the start
  std::optional<Error> no_such_user;
  std::optional<Error> cut_off;  // instead of the end

  std::vector<core::ExecCommand> commands;
  std::string input;  // of all execs
  int inputs_closed = 0;
  std::vector<core::TerminalSize> sizes;
};

}  // namespace sockerless::test
