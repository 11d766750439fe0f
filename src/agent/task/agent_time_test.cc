// What the agent does when nobody comes, with its time moved by hand.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "agent/task/agent.h"
#include "agent/task/signals.h"

namespace sockerless::agent {
namespace {

constexpr int kSettle = 20;  // real milliseconds in which children end and loopback connects

// As long as nothing happens, time jumps to the next deadline.
class JumpingTime final : public LoopTime {
 public:
  std::int64_t now() override { return now_; }

  int wait(int epoll, epoll_event* events, int size, int timeout) override {
    const int count = epoll_wait(epoll, events, size, timeout < 0 ? kSettle : std::min(timeout, kSettle));
    if (count == 0 && timeout > 0) now_ += timeout;
    return count;
  }

 private:
  std::int64_t now_ = 1'000'000;
};

struct Ended {
  int exit_code = -1;
  std::string log;                // the agent's stderr
  std::int64_t milliseconds = 0;  // of its own time
};

// An agent whose daemon never comes, in a process of its own: it blocks signals and reaps children.
Ended run_agent(Options options) {
  int log[2];
  int time[2];
  if (pipe(log) != 0 || pipe(time) != 0) return {};
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(log[1], STDERR_FILENO);
    close(log[1]);
    const sigset_t handled = handled_signals();
    sigset_t original;
    sigprocmask(SIG_BLOCK, &handled, &original);
    JumpingTime jumping;
    const std::int64_t start = jumping.now();
    const int code = Agent(std::move(options), original, jumping).run();
    const std::int64_t passed = jumping.now() - start;
    _exit(write(time[1], &passed, sizeof passed) == sizeof passed ? code : 99);
  }
  close(log[1]);
  Ended ended;
  char part[512];
  for (ssize_t count = 0; (count = read(log[0], part, sizeof part)) > 0;) {
    ended.log.append(part, static_cast<std::size_t>(count));
  }
  int status = 0;
  waitpid(pid, &status, 0);
  ended.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  if (read(time[0], &ended.milliseconds, sizeof ended.milliseconds) < 0) ended.milliseconds = -1;
  for (const int fd : {log[0], time[0], time[1]}) close(fd);
  return ended;
}

Options options(std::vector<std::string> command) {
  Options given;
  given.listen = "127.0.0.1:0";
  given.command = std::move(command);
  given.environment = {"PATH=/usr/bin:/bin"};
  given.token = "secret";
  return given;
}

// A daemon that is called and never answers.
Options reverse_options(std::vector<std::string> command) {
  Options given = options(std::move(command));
  given.mode = Mode::reverse;
  given.callback = *parse_callback_url("http://127.0.0.1:1");
  return given;
}

TEST(AgentTime, AHeldCommandIsGivenUpAfterNinetySeconds) {
  Options given = options({"true"});
  given.wait_for_go = true;
  const Ended ended = run_agent(given);
  EXPECT_EQ(ended.exit_code, 125);
  EXPECT_EQ(ended.milliseconds, 90'000);
  EXPECT_NE(ended.log.find("the command was not started: the daemon gave no go within 90 s"), std::string::npos)
      << ended.log;
}

TEST(AgentTime, TheReasonOfAHeldCommandNamesTheDaemonsAddress) {
  Options given = reverse_options({"true"});
  given.wait_for_go = true;
  const Ended ended = run_agent(given);
  EXPECT_EQ(ended.exit_code, 125);
  EXPECT_NE(ended.log.find("127.0.0.1"), std::string::npos) << ended.log;
}

TEST(AgentTime, AFailedStartIsHeldForTheDaemonForFifteenSeconds) {
  const Ended ended = run_agent(options({"no-such-command"}));
  EXPECT_EQ(ended.exit_code, 127);
  EXPECT_EQ(ended.milliseconds, 15'000);
  EXPECT_NE(ended.log.find("exec: \"no-such-command\": executable file not found in $PATH"), std::string::npos)
      << ended.log;
}

TEST(AgentTime, TheExitIsHeldForTheDaemonForFifteenSeconds) {
  const Ended ended = run_agent(reverse_options({"sh", "-c", "exit 3"}));
  EXPECT_EQ(ended.exit_code, 3);
  EXPECT_GE(ended.milliseconds, 15'000);
  EXPECT_LT(ended.milliseconds, 30'000);
}

TEST(AgentTime, ACommandThatNobodyAsksForEndsWithItsLease) {
  Options given = options({"sleep", "1000"});
  given.lease_seconds = 3600;
  const Ended ended = run_agent(given);
  EXPECT_EQ(ended.exit_code, 128 + SIGTERM);
  EXPECT_GE(ended.milliseconds, 3'600'000);
}

}  // namespace
}  // namespace sockerless::agent
