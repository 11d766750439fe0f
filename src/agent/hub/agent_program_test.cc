// The built agent program against the hub, over loopback.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "agent/hub/agent_program_fixture.h"
#include "base/error.h"

namespace sockerless::agent {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(Both, AgentProgram, testing::Values(ConnectBy::forward, ConnectBy::reverse), name_of_way);

TEST_P(AgentProgram, ReportsTheCommandsExitAndLeavesWhenAcknowledged) {
  const auto session = start_attached({"sh", "-c", "echo one; echo two >&2; echo; printf three; exit 7"});
  EXPECT_EQ(acknowledged_exit_code(), 7);
  EXPECT_EQ(listener_.reports, (std::vector<std::string>{"connected", "started", "exited 7 events 3"}));
  EXPECT_EQ(agent_->out(), "one\n\nthree");
  EXPECT_EQ(agent_->err(), "two\n");
  read_in_background(*session);
  run_until([&] { return collected_.is_ended; });
  EXPECT_EQ(collected_.out, "one\n\nthree");
  EXPECT_EQ(collected_.err, "two\n");
}

TEST_P(AgentProgram, CommandKilledBySignalExitsAsAShellSays) {
  start({"sleep", "1000"});
  wait_for_report("started");
  run(hub_.signal("c1", SIGKILL));
  EXPECT_EQ(acknowledged_exit_code(), 137);
}

TEST_P(AgentProgram, SignalsThatDoNotEndTheCommandAreDelivered) {
  const auto session =
      start_attached({"sh", "-c", "trap 'echo usr1; exit 5' USR1; echo ready; while :; do sleep 0.01; done"});
  const auto output = run(session->read());
  ASSERT_TRUE(output);
  EXPECT_EQ(output->bytes, "ready\n");
  run(hub_.signal("c1", SIGUSR1));
  EXPECT_EQ(acknowledged_exit_code(), 5);
}

TEST_P(AgentProgram, TermBecomesTheStopSignal) {
  const auto session =
      start_attached({"sh", "-c", "trap 'exit 3' TERM; trap 'exit 4' QUIT; echo ready; while :; do sleep 0.01; done"},
                     {"SOCKERLESS_AGENT_STOP_SIGNAL=SIGQUIT"});
  run(session->read());
  agent_->send_signal(SIGTERM);
  EXPECT_EQ(acknowledged_exit_code(), 4);
}

TEST_P(AgentProgram, SignalsThatItsStarterIgnoresAreNotIgnoredByTheCommand) {
  const auto before = std::signal(SIGQUIT, SIG_IGN);
  const auto session = start_attached({"sh", "-c", "trap 'exit 4' QUIT; echo ready; while :; do sleep 0.01; done"},
                                      {"SOCKERLESS_AGENT_STOP_SIGNAL=SIGQUIT"});
  std::signal(SIGQUIT, before);
  run(session->read());
  agent_->send_signal(SIGTERM);
  EXPECT_EQ(acknowledged_exit_code(), 4);
}

TEST_P(AgentProgram, UnknownCommandIsReportedInDockersWords) {
  start({"nosuchcmd", "x"});
  wait_for_report("start failed 2: exec: \"nosuchcmd\": executable file not found in $PATH");
  EXPECT_EQ(exit_code(), 127);
  EXPECT_EQ(agent_->err(), "");
}

TEST_P(AgentProgram, FolderAsCommandIsNotExecutable) {
  start({"/etc"});
  wait_for_report("start failed 21: exec: \"/etc\": is a directory");
  EXPECT_EQ(exit_code(), 126);
}

TEST_P(AgentProgram, ErrorsOfExecveAreReportedToo) {
  const std::string script = testing::TempDir() + "/no-such-interpreter";
  std::ofstream(script) << "#!/no/such/interpreter\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  start({script});
  wait_for_report("start failed 2: exec " + script + ": no such file or directory");
  EXPECT_EQ(exit_code(), 127);
  std::filesystem::remove(script);
}

TEST_P(AgentProgram, HeldCommandRunsOnlyWhenReleased) {
  start({"echo", "ran"}, {"SOCKERLESS_AGENT_WAIT=1"});
  wait_for_report("connected");
  EXPECT_THROW(run(hub_.signal("c1", SIGTERM)), Error);
  EXPECT_EQ(agent_->out(), "");
  EXPECT_FALSE(listener_.has("started"));
  hub_.release("c1");
  EXPECT_EQ(acknowledged_exit_code(), 0);
  EXPECT_EQ(agent_->out(), "ran\n");
}

TEST_P(AgentProgram, TheCommandEndsWithTheLease) {
  start({"sh", "-c", "trap 'echo ended; exit 9' TERM; echo ready; while :; do read -t 1 x </dev/null; done"},
        {"SOCKERLESS_AGENT_LEASE=1"});
  wait_for_report("started");
  hub_.forget("c1");
  EXPECT_EQ(exit_code(), 9);
  EXPECT_EQ(agent_->out(), "ready\nended\n");
  EXPECT_THAT(agent_->err(), testing::HasSubstr("no daemon has been here for 1 s"));
}

TEST_P(AgentProgram, AConnectedDaemonHoldsTheLease) {
  const auto session = start_attached({"cat"}, {"SOCKERLESS_AGENT_LEASE=1", "SOCKERLESS_AGENT_STDIN=once"});
  wait_for_report("started");
  // Longer than the lease.
  auto pause = system_clock_.after(std::chrono::milliseconds(1300), [&] { session->close_stdin(); });
  EXPECT_EQ(acknowledged_exit_code(), 0);
}

TEST_P(AgentProgram, TermEndsAHeldCommandAtOnce) {
  start({"echo", "ran"}, {"SOCKERLESS_AGENT_WAIT=1"});
  wait_for_report("connected");
  agent_->send_signal(SIGTERM);
  EXPECT_EQ(exit_code(), 128 + SIGTERM);
  EXPECT_EQ(agent_->out(), "");
}

TEST_P(AgentProgram, AttachedClientGetsEveryByte) {
  const std::size_t size = 1024 * 1024;
  const auto session = start_attached({"sh", "-c", "head -c 1048576 /dev/zero | tr '\\0' x; echo end >&2"});
  read_in_background(*session);
  EXPECT_EQ(acknowledged_exit_code(), 0);
  run_until([&] { return collected_.is_ended; });
  EXPECT_EQ(collected_.out.size(), size);
  EXPECT_TRUE(collected_.out == std::string(size, 'x'));
  EXPECT_EQ(collected_.err, "end\n");
  EXPECT_TRUE(agent_->out() == collected_.out);
}

TEST_P(AgentProgram, ClientThatDoesNotReadHoldsTheCommandBack) {
  const auto session = start_attached({"sh", "-c", "head -c 4194304 /dev/zero; echo done >&2"});
  // The window, one read of the agent beyond it; the pipe holds the rest back.
  run_until([&] { return agent_->out().size() >= 256 * 1024; });
  for (int i = 0; i < 20; ++i) run(hub_.signal("c1", SIGURG));  // rounds through the agent's loop
  EXPECT_LE(agent_->out().size(), 256U * 1024 + 64 * 1024);
  EXPECT_EQ(agent_->err(), "");
  read_in_background(*session);
  EXPECT_EQ(acknowledged_exit_code(), 0);
  EXPECT_EQ(agent_->out().size(), 4194304U);
  EXPECT_EQ(collected_.out.size(), 4194304U);
}

TEST_P(AgentProgram, LostConnectionReleasesTheCommand) {
  const auto session = start_attached({"sh", "-c", "head -c 4194304 /dev/zero; sleep 1000"});
  run_until([&] { return agent_->out().size() >= 256 * 1024; });
  hub_.forget("c1");
  run_until([&] { return agent_->out().size() == 4194304; });
  EXPECT_FALSE(agent_->exit_code());
}

TEST_P(AgentProgram, ReconnectsAndReportsAnew) {
  start({"sleep", "1000"});
  wait_for_report("started");
  const std::uint32_t pid = listener_.pid;
  hub_.forget("c1");
  expect_container();
  if (GetParam() == ConnectBy::forward) hub_.dial("c1", "127.0.0.1", agent_port_);
  run_until([&] { return listener_.count("started") == 2; });
  EXPECT_EQ(listener_.pid, pid);
  run(hub_.signal("c1", SIGTERM));
  EXPECT_EQ(acknowledged_exit_code(), 143);
}

TEST_P(AgentProgram, LeavesAtOnceWhenItsContainerIsForgotten) {
  start({"sleep", "1000"});
  wait_for_report("started");
  hub_.forget("c1");
  agent_->send_signal(SIGTERM);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(exit_code(), 143);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
}

TEST_P(AgentProgram, StandardInputEndsWithItsFirstClient) {
  const auto session = start_attached({"cat"}, {"SOCKERLESS_AGENT_STDIN=once"});
  read_in_background(*session);
  std::string input(600 * 1024, 'i');
  run(session->write(input));
  session->close_stdin();
  EXPECT_EQ(acknowledged_exit_code(), 0);
  run_until([&] { return collected_.is_ended; });
  EXPECT_TRUE(collected_.out == input);
}

TEST_P(AgentProgram, StandardInputThatStaysOpenSurvivesItsClients) {
  start({"sh", "-c", "while read line; do echo $line; test $line = two && exit; done"}, {"SOCKERLESS_AGENT_STDIN=1"});
  for (const std::string line : {"one\n", "two\n"}) {
    const auto session = run(hub_.open("c1", attach_request(true, false, false)));
    run(session->write(line));
    session->close_stdin();
    run_until([&] { return agent_->out().find(line) != std::string::npos; });
  }
  EXPECT_EQ(acknowledged_exit_code(), 0);
}

TEST_P(AgentProgram, WithoutStandardInputTheCommandReadsNothing) {
  const auto session = start_attached({"cat"});
  EXPECT_EQ(acknowledged_exit_code(), 0);
  run(session->write("ignored"));
}

TEST_P(AgentProgram, TerminalCanBeResizedBeforeTheCommandStarts) {
  start({"sh", "-c", "tty >/dev/null && stty size; exit 2"}, {"SOCKERLESS_AGENT_WAIT=1", "SOCKERLESS_AGENT_TTY=1"});
  const auto session = run(hub_.open("c1", attach_request(false, true, false)));
  run(hub_.resize("c1", 33, 99));
  hub_.release("c1");
  read_in_background(*session);
  EXPECT_EQ(acknowledged_exit_code(), 2);
  run_until([&] { return collected_.is_ended; });
  EXPECT_EQ(collected_.out, "33 99\r\n");
  EXPECT_EQ(agent_->out(), "33 99\r\n");
}

TEST_P(AgentProgram, TerminalInputReachesTheCommand) {
  const auto session =
      start_attached({"sh", "-c", "read line; echo got $line"}, {"SOCKERLESS_AGENT_STDIN=1", "SOCKERLESS_AGENT_TTY=1"});
  run(session->write("hello\n"));
  read_in_background(*session);
  EXPECT_EQ(acknowledged_exit_code(), 0);
  run_until([&] { return collected_.is_ended; });
  EXPECT_NE(collected_.out.find("got hello\r\n"), std::string::npos);
}

TEST_P(AgentProgram, ResizeWithoutTerminalIsAConflict) {
  start({"sleep", "1000"});
  try {
    run(hub_.resize("c1", 24, 80));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
  }
}

TEST_P(AgentProgram, CommandSeesNothingOfTheAgent) {
  const auto session = start_attached({"sh", "-c", "env; tr '\\0' '\\n' </proc/$PPID/environ"}, {"USERS=own"});
  EXPECT_EQ(acknowledged_exit_code(), 0);
  EXPECT_NE(agent_->out().find("USERS=own\n"), std::string::npos);
  EXPECT_EQ(agent_->out().find("secret"), std::string::npos);
  EXPECT_EQ(agent_->out().substr(0, agent_->out().find("USERS=own\n")).find("SOCKERLESS_"), std::string::npos);
}

// An orphan falls to the agent, which must not leave it a zombie.
TEST_P(AgentProgram, ReapsOrphans) {
  const auto session =
      start_attached({"sh", "-c", "(sh -c 'echo $PPID $$; exit 0' & ) ; read x"}, {"SOCKERLESS_AGENT_STDIN=1"});
  const auto output = run(session->read());
  ASSERT_TRUE(output);
  const std::string orphan = output->bytes.substr(output->bytes.find(' ') + 1);
  const std::string folder = "/proc/" + orphan.substr(0, orphan.size() - 1);
  bool is_gone = false;
  while (!is_gone) {
    run(hub_.signal("c1", SIGURG));  // a round trip through the agent's loop
    is_gone = !std::filesystem::exists(folder);
  }
  EXPECT_FALSE(agent_->exit_code());
}

TEST_P(AgentProgram, ExitOfTheFirstProcessEndsAllOthers) {
  if (geteuid() != 0) GTEST_SKIP() << "a pid namespace needs root";
  own_process_space_ = true;
  const auto session = start_attached({"sh", "-c", "sleep 1000 & echo started; exit 6"});
  EXPECT_EQ(acknowledged_exit_code(), 6);
  EXPECT_EQ(agent_->out(), "started\n");
}

TEST_P(AgentProgram, SilentLogReaderHoldsTheCommandBackAndLosesNothing) {
  collect_output_ = false;
  const auto session = start_attached({"sh", "-c", "head -c 4194304 /dev/zero; echo done >&2"});
  read_in_background(*session);
  run_until([&] { return !collected_.out.empty(); });
  for (int i = 0; i < 20; ++i) run(hub_.signal("c1", SIGURG));
  EXPECT_LE(collected_.out.size(), 512U * 1024);
  EXPECT_EQ(agent_->err(), "");
}

TEST_P(AgentProgram, InstallsItself) {
  const std::string folder = testing::TempDir() + "/install-agent";
  AgentProcess installer(loop_, {.arguments = {"--install", folder}});
  run_until([&] { return installer.exit_code().has_value(); });
  EXPECT_EQ(installer.exit_code(), 0);
  EXPECT_EQ(std::filesystem::file_size(folder + "/sockerless-agent"),
            std::filesystem::file_size(SOCKERLESS_AGENT_PROGRAM));
  EXPECT_EQ(access((folder + "/sockerless-agent").c_str(), X_OK), 0);
  std::filesystem::remove_all(folder);
}

TEST_P(AgentProgram, UsageErrorsAreNamed) {
  AgentProcess agent(loop_, {.arguments = {"--nonsense"}});
  run_until([&] { return agent.exit_code().has_value(); });
  EXPECT_EQ(agent.exit_code(), 125);
  EXPECT_EQ(agent.err(), "sockerless-agent: unknown option --nonsense\n");
}

// What only the forward agent does.
class ForwardAgent : public AgentProgram {
 protected:
  static Awaitable<std::string> ask(int port, std::string request) {
    auto connection = co_await http::dial("127.0.0.1", port);
    co_await connection->write(request);
    std::string answer;
    char part[1024];
    while (const std::size_t count = co_await connection->read_some(asio::buffer(part))) answer.append(part, count);
    co_return answer;
  }

  std::string status(const std::string& token, const std::string& container, const std::string& launch) {
    const std::string request = upgrade_request({.host = "agent",
                                                 .key = make_key("0123456789abcdef"),
                                                 .token = token,
                                                 .container_id = container,
                                                 .launch_id = launch});
    return run(ask(agent_port_, request)).substr(9, 3);
  }
};

INSTANTIATE_TEST_SUITE_P(Only, ForwardAgent, testing::Values(ConnectBy::forward));

TEST_P(ForwardAgent, AnswersHealthAndRefusesStrangers) {
  start({"sleep", "1000"});
  EXPECT_TRUE(run(ask(agent_port_, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")).starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(run(ask(agent_port_, "GET /other HTTP/1.1\r\nHost: x\r\n\r\n")).starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(run(ask(agent_port_, "nonsense\r\n\r\n")).starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(status("wrong", "c1", "l1"), "401");
  EXPECT_EQ(status("", "c1", "l1"), "401");
  EXPECT_EQ(status("secret", "c2", "l1"), "404");
  EXPECT_EQ(status("secret", "c1", "l2"), "404");
}

TEST_P(ForwardAgent, DoesNotWaitForADaemonThatNeverCame) {
  AgentProcess agent(
      loop_, {.arguments = {"--addr", "127.0.0.1:0", "--", "sh", "-c", "exit 9"}, .environment = environment({})});
  run_until([&] { return agent.exit_code().has_value(); });
  EXPECT_EQ(agent.exit_code(), 9);
}

}  // namespace
}  // namespace sockerless::agent
