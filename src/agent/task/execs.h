#pragma once

#include <sys/types.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/protocol/exec.h"
#include "agent/task/exec_process.h"
#include "agent/task/loop.h"
#include "agent/task/session.h"
#include "agent/task/users.h"

namespace sockerless::agent {

// All commands that exec sessions have started, until they have ended. Outlives the sessions.
class Execs final {
 public:
  // What every exec starts from.
  struct Settings {
    std::vector<std::string> environment;  // the container's
    std::optional<Identity> identity;      // whom the container's command runs as, if not as the agent
    sigset_t signal_mask{};
  };

  Execs(Loop& loop, Settings settings) : loop_(loop), settings_(std::move(settings)) {}

  // Starts the command. Null if it could not be, which the daemon has then been told.
  std::unique_ptr<TaskSession> open(SessionPort& port, const ExecParameters& parameters);

  // Of the session's command; both return 0 or an error number.
  int send_signal(std::uint32_t session, int signal) const;
  int resize(std::uint32_t session, int rows, int columns) const;

  // A child of the agent was reaped; it may be anybody's.
  void reaped(pid_t pid, int status);

  // The container has ended, and everything in it.
  void kill_all() const;

 private:
  class ExecSession;

  bool find_user(const std::string& user, SessionPort& port, std::optional<Identity>& identity) const;
  ExecProcess* find(std::uint32_t session) const;
  void erase_later(pid_t pid);

  Loop& loop_;
  Settings settings_;
  std::vector<std::shared_ptr<ExecProcess>> processes_;
};

}  // namespace sockerless::agent
