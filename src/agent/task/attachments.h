#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/protocol/frame.h"
#include "agent/task/loop.h"
#include "agent/task/options.h"
#include "agent/task/output_pump.h"
#include "agent/task/session.h"
#include "agent/task/standard_in.h"

namespace sockerless::agent {

// The sessions that are attached to the container's command: each gets what the command writes from
// then on, and all of them share its standard input. Outlives them.
class Attachments final : public OutputListener {
 public:
  // `released` is called when the command may no longer be held back.
  Attachments(Loop& loop, StandardInput standard_input, std::function<void()> released);

  std::unique_ptr<TaskSession> open(SessionPort& port, const AttachParameters& parameters);

  void deliver(Stream stream, std::string_view bytes) override;
  bool is_holding(Stream stream) const override;

  // The command runs: clients' input flows.
  void command_started(FileDescriptor standard_in) { standard_in_.open(std::move(standard_in)); }

  // The command has exited and everything it wrote has been delivered: sessions end with their last byte.
  void command_finished(int exit_code);

 private:
  class Attach;

  void input_consumed(std::uint32_t session, std::uint32_t bytes);

  StandardInput mode_;
  std::function<void()> released_;
  StandardIn standard_in_;
  std::vector<Attach*> attaches_;
  std::optional<int> exit_code_;
};

}  // namespace sockerless::agent
