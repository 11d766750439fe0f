#include "agent/task/execs.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/task/environment.h"
#include "agent/task/options.h"

namespace sockerless::agent {

// What the daemon sees of a process.
class Execs::ExecSession final : public TaskSession {
 public:
  explicit ExecSession(std::shared_ptr<ExecProcess> process) : process_(std::move(process)) {}
  ~ExecSession() override { process_->detach(); }

  bool data(std::string_view bytes) override {
    process_->write(bytes);
    return true;
  }
  void input_ended() override { process_->end_input(); }
  void room(Stream) override { process_->room(); }

  // Its end has still to be told.
  bool has_unsent() const override { return true; }

 private:
  std::shared_ptr<ExecProcess> process_;
};

// False if the daemon has been told that there is no such user, or that it cannot be had.
bool Execs::find_user(const std::string& user, SessionPort& port, std::optional<Identity>& identity) const {
  IdentityLookup found = find_identity(user);
  if (!found.error.empty()) {
    port.fail(EINVAL, found.error);
    return false;
  }
  if (geteuid() == 0) {
    identity = std::move(found.identity);
    return true;
  }
  // Who is not root can only be who he is.
  if (found.identity.user == geteuid() && found.identity.group == getegid()) return true;
  port.fail(EPERM, "cannot run as user " + user + ": the agent itself runs as user " + std::to_string(geteuid()) +
                       ", as the container does; set SOCKERLESS_AGENT_USER=root for the daemon and create the "
                       "container anew");
  return false;
}

std::unique_ptr<TaskSession> Execs::open(SessionPort& port, const ExecParameters& parameters) {
  Command::Settings settings{.arguments = parameters.arguments,
                             .environment = merge_environment(settings_.environment, parameters.environment),
                             .working_directory = parameters.working_directory,
                             .identity = settings_.identity,
                             .tty = parameters.tty,
                             .open_standard_in = parameters.standard_in,
                             .signal_mask = settings_.signal_mask};
  if (!parameters.user.empty()) {
    if (!find_user(parameters.user, port, settings.identity)) return nullptr;
    const bool has_home = find_variable(parameters.environment, "HOME").has_value();
    if (settings.identity && !has_home) {
      settings.environment = merge_environment(settings.environment, {"HOME=" + settings.identity->home});
    }
  }
  if (parameters.only_check_user) {
    port.close(0);
    return nullptr;
  }
  Command command(std::move(settings));
  if (parameters.rows > 0 && parameters.columns > 0) command.resize(parameters.rows, parameters.columns);
  StartedCommand started = command.start();
  if (started.pid < 0) {
    port.fail(started.error_number, started.error);
    return nullptr;
  }
  port.opened(encode_exec_answer(static_cast<std::uint32_t>(started.pid)));
  const pid_t pid = started.pid;
  processes_.push_back(std::make_shared<ExecProcess>(loop_, port, parameters, std::move(command), std::move(started),
                                                     [this, pid] { erase_later(pid); }));
  return std::make_unique<ExecSession>(processes_.back());
}

// It is in the middle of a call.
void Execs::erase_later(pid_t pid) {
  loop_.defer([this, pid] {
    std::erase_if(processes_, [pid](const auto& process) { return process->pid() == pid && !process->is_running(); });
  });
}

ExecProcess* Execs::find(std::uint32_t session) const {
  for (const auto& process : processes_) {
    if (process->is_attached() && process->session() == session) return process.get();
  }
  return nullptr;
}

int Execs::send_signal(std::uint32_t session, int signal) const {
  const ExecProcess* process = find(session);
  return process == nullptr ? ESRCH : process->send_signal(signal);
}

int Execs::resize(std::uint32_t session, int rows, int columns) const {
  ExecProcess* process = find(session);
  return process == nullptr ? ESRCH : process->resize(rows, columns);
}

void Execs::reaped(pid_t pid, int status) {
  const auto processes = processes_;  // one that ends may change the list
  for (const auto& process : processes) {
    if (process->pid() == pid && process->is_running()) process->exited(status);
  }
}

void Execs::kill_all() const {
  for (const auto& process : processes_) process->send_signal(SIGKILL);
}

}  // namespace sockerless::agent
