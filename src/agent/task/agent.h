#pragma once

#include <sys/types.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/task/acceptor.h"
#include "agent/task/attachments.h"
#include "agent/task/command.h"
#include "agent/task/dialer.h"
#include "agent/task/execs.h"
#include "agent/task/files.h"
#include "agent/task/lease.h"
#include "agent/task/link.h"
#include "agent/task/loop.h"
#include "agent/task/options.h"
#include "agent/task/output_pump.h"
#include "agent/task/sessions.h"

namespace sockerless::agent {

// The first process of a container: runs its command, reaps what the command leaves behind, passes
// signals on, and tells the daemon. It exits as the command did.
class Agent final : public LinkOwner, public CommandControl {
 public:
  // The mask is what the command begins with; the handled signals are blocked already.
  Agent(Options options, sigset_t signal_mask, LoopTime& time = real_time());
  ~Agent() override { sessions_.link_down(); }

  // The exit code of the container.
  int run();

 private:
  // Of the daemon.
  void connected(std::unique_ptr<Transport> transport, Role role, std::string_view early);
  void frame_received(Link& link, const Frame& frame) override;
  void link_lost(Link& link) override;
  void link_drained() override { leave_if_done(); }
  void dismissed();
  void say_hello();
  void report();
  void report_exit();
  void acknowledged(FrameType report);

  // Of the command.
  void release_command();
  void files_recorded();
  void start_command();
  void command_failed(StartedCommand& failed);
  void command_exited(int status);
  void output_changed();
  void resume_output();
  int send_signal(int signal) override;
  int resize(int rows, int columns) override { return command_.resize(rows, columns); }

  // Of the process.
  bool watch_signals();
  void signal_received(int signal);
  void reap();
  void hold_expired();
  void lease_expired();
  void leave_if_done();
  void leave(int code);

  Options options_;
  Loop loop_;
  IdentityLookup user_;  // of the command and the execs
  Command command_;
  Attachments attachments_;
  Execs execs_;
  Files files_;
  Sessions sessions_;
  std::unique_ptr<Link> link_;
  std::optional<Acceptor> acceptor_;
  std::optional<Dialer> dialer_;
  FileDescriptor signals_;
  std::vector<std::unique_ptr<OutputPump>> pumps_;

  CommandState state_ = CommandState::held;
  pid_t pid_ = 0;
  StartedCommand failure_;
  int exit_code_ = 0;
  std::optional<std::uint64_t> log_events_;  // known once all output has been read
  bool is_released_ = false;                 // the command may run
  bool is_daemon_expected_;                  // to hear how the command ended
  bool is_acknowledged_ = false;             // the last report
  bool is_out_of_time_ = false;
  bool is_leaving_ = false;
  Loop::TimerId hold_timer_ = 0;
  Lease lease_;
};

}  // namespace sockerless::agent
