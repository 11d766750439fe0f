#include "agent/hub/agent_process.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>

#include <fstream>
#include <string>
#include <system_error>

#include "base/process_end.h"

namespace sockerless::agent {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void execute(const AgentProcess::Settings& settings, int out, int err) {
  std::vector<std::string> arguments{SOCKERLESS_AGENT_PROGRAM};
  arguments.insert(arguments.end(), settings.arguments.begin(), settings.arguments.end());
  std::vector<std::string> environment = settings.environment;
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (settings.inherited_fd >= 0) fcntl(settings.inherited_fd, F_SETFD, 0);
  // Whoever it runs as may not see the folder of the build.
  const int program = open(SOCKERLESS_AGENT_PROGRAM, O_RDONLY | O_CLOEXEC);
  const auto id = static_cast<uid_t>(settings.user);
  if (id != 0 && (setgroups(0, nullptr) != 0 || setresgid(id, id, id) != 0 || setresuid(id, id, id) != 0)) _exit(98);
  fexecve(program, pointers_to(arguments).data(), pointers_to(environment).data());
  _exit(99);
}

// The agent's children, each with the process group that it leads: killed alone, an agent that is
// not process 1 would leave them behind.
void end_commands(pid_t agent) {
  const std::string task = std::to_string(agent);
  std::ifstream children("/proc/" + task + "/task/" + task + "/children");
  for (pid_t child = 0; children >> child;) kill(-child, SIGKILL);
}

pid_t fork_process(bool own_process_space) {
  if (!own_process_space) return fork();
  return static_cast<pid_t>(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

}  // namespace

AgentProcess::AgentProcess(asio::io_context& loop, const Settings& settings) {
  int out[2];
  int err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) throw std::system_error(errno, std::system_category());
  pid_ = fork_process(settings.own_process_space);
  if (pid_ == 0) execute(settings, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  if (pid_ < 0) throw std::system_error(errno, std::system_category());
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  asio::co_spawn(loop, watch_exit(asio::posix::stream_descriptor(loop, process), pid_, outputs_), asio::detached);
  asio::co_spawn(loop, collect(asio::posix::stream_descriptor(loop, err[0]), outputs_, 1), asio::detached);
  if (settings.collect_output) {
    asio::co_spawn(loop, collect(asio::posix::stream_descriptor(loop, out[0]), outputs_, 0), asio::detached);
  } else {
    unread_ = out[0];
    outputs_->is_ended[0] = true;
  }
}

AgentProcess::~AgentProcess() {
  if (!outputs_->exit_code) {
    end_commands(pid_);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (unread_ >= 0) close(unread_);
}

void AgentProcess::send_signal(int signal) const { kill(pid_, signal); }

std::optional<int> AgentProcess::exit_code() const {
  return outputs_->is_ended[0] && outputs_->is_ended[1] ? outputs_->exit_code : std::nullopt;
}

Awaitable<void> AgentProcess::collect(asio::posix::stream_descriptor from, std::shared_ptr<Outputs> outputs,
                                      int index) {
  std::vector<char> buffer(64 * 1024);
  boost::system::error_code error;
  while (!error) {
    const std::size_t count =
        co_await from.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    outputs->texts[index].append(buffer.data(), count);
  }
  outputs->is_ended[index] = true;
}

Awaitable<void> AgentProcess::watch_exit(asio::posix::stream_descriptor process, pid_t pid,
                                         std::shared_ptr<Outputs> outputs) {
  co_await process_end(process.get_executor(), process.native_handle());
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) co_return;  // the test has ended it
  outputs->exit_code = WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace sockerless::agent
