// Exec sessions of the built agent program.
#include <gmock/gmock.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <list>

#include "agent/hub/agent_program_fixture.h"
#include "agent/protocol/exec.h"
#include "base/id.h"

namespace sockerless::agent {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Finished {
  std::string out;
  std::string err;
  int exit_code = -1;
};

class AgentExec : public AgentProgram {
 protected:
  void SetUp() override {
    AgentProgram::SetUp();
    std::filesystem::create_directory(folder_);
    std::filesystem::permissions(folder_, std::filesystem::perms::all);
  }
  void TearDown() override {
    AgentProgram::TearDown();
    std::filesystem::remove_all(folder_);
  }

  static ExecParameters shell(std::string script) {
    ExecParameters parameters;
    parameters.arguments = {"sh", "-c", std::move(script)};
    parameters.standard_out = parameters.standard_error = true;
    return parameters;
  }

  std::unique_ptr<StreamSession> open(const ExecParameters& parameters) {
    return run(hub_.open("c1", {.kind = SessionKind::exec,
                                .parameters = encode(parameters),
                                .standard_in = parameters.standard_in,
                                .standard_out = parameters.standard_out,
                                .standard_error = parameters.standard_error && !parameters.tty}));
  }

  Finished finish(StreamSession& session) {
    Collected collected;
    read_in_background(session, collected);
    run_until([&] { return collected.is_ended || !collected.failure.empty(); });
    EXPECT_EQ(collected.failure, "");
    return {.out = collected.out, .err = collected.err, .exit_code = run(session.result())};
  }

  Finished execute(const ExecParameters& parameters) {
    const auto session = open(parameters);
    return finish(*session);
  }

  // Why it could not begin: the error number and the text.
  std::pair<int, std::string> refusal(const ExecParameters& parameters) {
    try {
      open(parameters);
    } catch (const SessionFailure& failure) {
      return {failure.error_number(), failure.what()};
    }
    return {0, "it has begun"};
  }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void wait_for_file(const std::string& name) {
    // Whoever makes the file makes no event of the loop.
    std::function<void()> look_again = [&] { ticker_ = clock_.after(5ms, look_again); };
    look_again();
    run_until([&] { return std::filesystem::exists(path(name)); });
    ticker_.reset();
  }

  std::string folder_ = "/tmp/sockerless-exec-" + random_hex(8);
  std::unique_ptr<Clock::Timer> ticker_;
};

INSTANTIATE_TEST_SUITE_P(Both, AgentExec, testing::Values(ConnectBy::forward, ConnectBy::reverse), name_of_way);

TEST_P(AgentExec, OutputsAreApartAndTheExitCodeIsTheCommands) {
  start({"sleep", "1000"});
  const Finished done = execute(shell("echo one; echo two >&2; printf three; exit 7"));
  EXPECT_EQ(done.out, "one\nthree");
  EXPECT_EQ(done.err, "two\n");
  EXPECT_EQ(done.exit_code, 7);
}

TEST_P(AgentExec, AnswersWithThePid) {
  start({"sleep", "1000"});
  const auto session = open(shell("echo $$"));
  const auto pid = decode_exec_answer(session->answer());
  EXPECT_EQ(finish(*session).out, std::to_string(pid.value_or(0)) + "\n");
}

TEST_P(AgentExec, DeathBySignalIsTheShellsNumber) {
  start({"sleep", "1000"});
  EXPECT_EQ(execute(shell("kill -USR1 $$")).exit_code, 128 + SIGUSR1);
}

TEST_P(AgentExec, WhatCannotBeRunIsToldInTheRuntimesWords) {
  start({"sleep", "1000"});
  ExecParameters parameters;
  const auto refusal_of = [&](const std::string& name) {
    parameters.arguments = {name};
    return refusal(parameters);
  };
  EXPECT_EQ(refusal_of("no-such"),
            std::pair(ENOENT, std::string("exec: \"no-such\": executable file not found in $PATH")));
  EXPECT_EQ(refusal_of("/no/such"),
            std::pair(ENOENT, std::string("exec: \"/no/such\": stat /no/such: no such file or directory")));
  EXPECT_EQ(refusal_of("/etc"), std::pair(EISDIR, std::string("exec: \"/etc\": is a directory")));
  EXPECT_EQ(refusal_of("/etc/passwd"), std::pair(EACCES, std::string("exec: \"/etc/passwd\": permission denied")));
  std::ofstream(path("junk")) << "junk";
  std::filesystem::permissions(path("junk"), std::filesystem::perms::all);
  EXPECT_EQ(refusal_of(path("junk")), std::pair(ENOEXEC, "exec " + path("junk") + ": exec format error"));
}

TEST_P(AgentExec, RunsInItsFolder) {
  start({"sleep", "1000"});
  ExecParameters parameters = shell("pwd");
  parameters.working_directory = folder_;
  EXPECT_EQ(execute(parameters).out, folder_ + "\n");
  parameters.working_directory = "/no/such/folder";
  EXPECT_EQ(refusal(parameters).second,
            "chdir to cwd (\"/no/such/folder\") set in config.json failed: no such file or directory");
}

TEST_P(AgentExec, IsLookedUpInItsFolderAndItsPath) {
  start({"sleep", "1000"});
  std::ofstream(path("tool")) << "#!/bin/sh\necho found\n";
  std::filesystem::permissions(path("tool"), std::filesystem::perms::all);
  ExecParameters parameters;
  parameters.standard_out = true;
  parameters.working_directory = folder_;
  parameters.arguments = {"./tool"};
  EXPECT_EQ(execute(parameters).out, "found\n");
  parameters.arguments = {"tool"};
  parameters.environment = {"PATH=" + folder_ + ":/bin"};
  EXPECT_EQ(execute(parameters).out, "found\n");
}

TEST_P(AgentExec, EnvironmentIsTheContainersWithChanges) {
  start({"sleep", "1000"}, {"KEPT=1", "CHANGED=old", "GONE=1"});
  ExecParameters parameters = shell("echo $KEPT $CHANGED ${GONE-unset} $ADDED; env | grep -c SOCKERLESS");
  parameters.environment = {"CHANGED=new", "GONE", "ADDED=a"};
  EXPECT_EQ(execute(parameters).out, "1 new unset a\n0\n");
}

TEST_P(AgentExec, CarriesTenThousandVariablesAndALongArgument) {
  start({"sleep", "1000"});
  ExecParameters parameters = shell("env | grep -c '^V'; echo ${#1}");
  for (int i = 0; i < 10000; ++i) parameters.environment.push_back("V" + std::to_string(i) + "=" + std::to_string(i));
  parameters.arguments.insert(parameters.arguments.end(), {"sh", std::string(128 * 1024 - 1, 'x')});
  EXPECT_EQ(execute(parameters).out, "10000\n131071\n");
  parameters.arguments.back().push_back('x');  // the kernel's own limit
  EXPECT_EQ(refusal(parameters).first, E2BIG);
}

TEST_P(AgentExec, PassesInputAndItsEnd) {
  start({"sleep", "1000"});
  ExecParameters parameters = shell("cat; echo end");
  parameters.standard_in = true;
  const auto session = open(parameters);
  run(session->write("hello "));
  run(session->write(std::string(100'000, 'x')));
  session->close_stdin();
  EXPECT_EQ(finish(*session).out, "hello " + std::string(100'000, 'x') + "end\n");
}

TEST_P(AgentExec, WithoutInputReadsNothing) {
  start({"sleep", "1000"});
  EXPECT_EQ(execute(shell("cat; readlink /proc/self/fd/0")).out, "/dev/null\n");
}

TEST_P(AgentExec, InputForACommandThatReadsNoneIsTakenAndThrownAway) {
  start({"sleep", "1000"});
  ExecParameters parameters = shell("exec 0<&-; echo closed; while [ ! -e " + path("go") + " ]; do sleep 0.01; done");
  parameters.standard_in = true;
  const auto session = open(parameters);
  run(session->write(std::string(1'000'000, 'x')));
  std::ofstream(path("go")) << "";
  EXPECT_EQ(finish(*session).out, "closed\n");
}

TEST_P(AgentExec, HasATerminalOfItsOwn) {
  start({"sleep", "1000"});
  ExecParameters parameters = shell("stty size; tty | cut -c1-9; [ -t 2 ] && read line && echo got $line && stty size");
  parameters.tty = parameters.standard_in = true;
  parameters.rows = 33;
  parameters.columns = 101;
  const auto session = open(parameters);
  Collected collected;
  read_in_background(*session, collected);
  run_until([&] { return collected.out.find("/dev/pts/") != std::string::npos; });
  run(hub_.resize("c1", 20, 60, session->id()));
  run(session->write("word\n"));
  run_until([&] { return collected.is_ended; });
  EXPECT_EQ(collected.out, "33 101\r\n/dev/pts/\r\nword\r\ngot word\r\n20 60\r\n");
  EXPECT_EQ(run(session->result()), 0);
}

TEST_P(AgentExec, SignalAndResizeReachTheirTargetOnly) {
  start({"sleep", "1000"});
  const auto session = open(shell("trap 'echo caught; exit 3' USR1; echo up; while :; do sleep 0.01; done"));
  Collected collected;
  read_in_background(*session, collected);
  run_until([&] { return collected.out == "up\n"; });
  EXPECT_THROW(run(hub_.resize("c1", 1, 1, session->id())), Error);
  run(hub_.signal("c1", SIGUSR1, session->id()));
  run_until([&] { return collected.is_ended; });
  EXPECT_EQ(collected.out, "up\ncaught\n");
  EXPECT_EQ(run(session->result()), 3);
  EXPECT_THROW(run(hub_.signal("c1", SIGUSR1, session->id())), Error);
}

TEST_P(AgentExec, RunsOnWithoutItsClient) {
  start({"sleep", "1000"});
  {
    ExecParameters parameters = shell("cat; head -c 3000000 /dev/zero; touch " + path("done"));
    parameters.standard_in = true;
    const auto session = open(parameters);
  }
  wait_for_file("done");
}

TEST_P(AgentExec, ReaderThatIsSlowGetsEveryByte) {
  start({"sleep", "1000"});
  const auto session = open(shell("head -c 5000000 /dev/zero; head -c 3000000 /dev/zero >&2"));
  EXPECT_EQ(execute(shell("echo other")).out, "other\n");
  const Finished done = finish(*session);
  EXPECT_EQ(done.out.size(), 5'000'000U);
  EXPECT_EQ(done.err.size(), 3'000'000U);
}

TEST_P(AgentExec, EndsWithItsCommandWhateverThatLeavesBehind) {
  start({"sleep", "1000"});
  EXPECT_EQ(execute(shell("sleep 1000 & echo left $!")).out.substr(0, 5), "left ");
}

TEST_P(AgentExec, IsKilledWithTheContainersCommand) {
  start({"sleep", "1000"});
  const auto session = open(shell("sleep 1000"));
  agent_->send_signal(SIGTERM);
  EXPECT_EQ(finish(*session).exit_code, 128 + SIGKILL);
  EXPECT_EQ(acknowledged_exit_code(), 128 + SIGTERM);
}

TEST_P(AgentExec, HundredAtOnce) {
  start({"sleep", "1000"});
  std::vector<std::unique_ptr<StreamSession>> sessions;
  std::list<Collected> collected;
  for (int i = 0; i < 100; ++i) {
    sessions.push_back(open(shell("echo " + std::to_string(i) + "; exit " + std::to_string(i))));
    read_in_background(*sessions.back(), collected.emplace_back());
  }
  run_until(
      [&] { return std::all_of(collected.begin(), collected.end(), [](const auto& one) { return one.is_ended; }); });
  int i = 0;
  for (const Collected& one : collected) {
    EXPECT_EQ(one.out, std::to_string(i) + "\n");
    EXPECT_EQ(run(sessions[static_cast<std::size_t>(i)]->result()), i);
    ++i;
  }
}

TEST_P(AgentExec, LostConnectionEndsTheSessionAndNewOnesWork) {
  start({"sleep", "1000"});
  const auto session =
      open(shell("echo up; while [ ! -e " + path("go") + " ]; do sleep 0.01; done; touch " + path("done")));
  Collected collected;
  read_in_background(*session, collected);
  run_until([&] { return collected.out == "up\n"; });
  hub_.forget("c1");
  expect_container();
  if (GetParam() == ConnectBy::forward) hub_.dial("c1", "127.0.0.1", agent_port_);
  run_until([&] { return !collected.failure.empty(); });
  EXPECT_EQ(execute(shell("echo again")).out, "again\n");
  std::ofstream(path("go")) << "";
  wait_for_file("done");
}

TEST_P(AgentExec, RunsAsAnotherUser) {
  start({"sleep", "1000"}, {"HOME=/root"});
  ExecParameters parameters = shell("id -u; id -g; echo $HOME");
  parameters.user = "65534:4711";
  EXPECT_EQ(execute(parameters).out.substr(0, 11), "65534\n4711\n");
  parameters.user = "4712";
  EXPECT_EQ(execute(parameters).out, "4712\n0\n/\n");
  parameters.environment = {"HOME=/tmp"};
  EXPECT_EQ(execute(parameters).out, "4712\n0\n/tmp\n");
  parameters.user = "no-such-user";
  EXPECT_EQ(refusal(parameters).second, "unable to find user no-such-user: no matching entries in passwd file");
}

TEST_P(AgentExec, UserIsCheckedWithoutRunningAnything) {
  start({"sleep", "1000"});
  ExecParameters parameters = shell("touch " + path("ran"));
  parameters.only_check_user = true;
  parameters.user = "4711";
  EXPECT_EQ(run(open(parameters)->result()), 0);
  parameters.user = "no-such-user";
  EXPECT_EQ(refusal(parameters).first, EINVAL);
  EXPECT_FALSE(std::filesystem::exists(path("ran")));
}

TEST_P(AgentExec, AnAgentThatIsNotRootSaysWhatHelps) {
  user_ = 4711;
  start({"sleep", "1000"});
  EXPECT_EQ(execute(shell("id -u")).out, "4711\n");
  ExecParameters parameters = shell("id -u");
  parameters.user = "4711:4711";
  EXPECT_EQ(execute(parameters).out, "4711\n");
  parameters.user = "root";
  const auto [number, text] = refusal(parameters);
  EXPECT_EQ(number, EPERM);
  EXPECT_THAT(text, HasSubstr("SOCKERLESS_AGENT_USER=root"));
}

TEST_P(AgentExec, AnAgentThatIsRootRunsEverythingAsTheContainersUser) {
  const std::vector<std::string> variables{"SOCKERLESS_AGENT_COMMAND_USER=4711:4712", "HOME=/root"};
  const auto attached =
      start_attached({"sh", "-c", "id -u; id -g; echo $HOME; grep CapEff /proc/self/status; sleep 1000"}, variables);
  read_in_background(*attached);
  run_until([&] { return collected_.out.find("CapEff") != std::string::npos && collected_.out.ends_with("\n"); });
  EXPECT_EQ(collected_.out, "4711\n4712\n/\nCapEff:\t0000000000000000\n");
  EXPECT_EQ(execute(shell("id -u; echo x >/dev/stdout")).out, "4711\nx\n");
  ExecParameters parameters = shell("id -u");
  parameters.user = "0";
  EXPECT_EQ(execute(parameters).out, "0\n");
}

TEST_P(AgentExec, AnUnknownContainersUserFailsTheStart) {
  start({"sleep", "1000"}, {"SOCKERLESS_AGENT_COMMAND_USER=no-such-user"});
  wait_for_report("start failed 22: unable to find user no-such-user: no matching entries in passwd file");
}

TEST_P(AgentExec, MalformedParametersEndTheConnectionOnly) {
  start({"sleep", "1000"});
  EXPECT_THROW(run(hub_.open("c1", {.kind = SessionKind::exec, .parameters = "junk"})), Error);
  EXPECT_EQ(execute(shell("echo fine")).out, "fine\n");
}

TEST_P(AgentExec, IdleCommandsNeedNoProgram) {
  start({"tail", "-f", "/dev/null"}, {"PATH=/nowhere"});
  wait_for_report("started");
  ExecParameters parameters;
  parameters.arguments = {"/bin/sh", "-c", "tr '\\0' ' ' </proc/" + std::to_string(listener_.pid) + "/cmdline"};
  parameters.environment = {"PATH=/bin:/usr/bin"};
  parameters.standard_out = true;
  EXPECT_EQ(execute(parameters).out, "tail -f /dev/null ");
  parameters.arguments = {"sleep", "infinity"};
  parameters.environment.clear();
  const auto idle = open(parameters);
  run(hub_.signal("c1", SIGTERM, idle->id()));
  EXPECT_EQ(finish(*idle).exit_code, 128 + SIGTERM);
  agent_->send_signal(SIGTERM);
  EXPECT_EQ(acknowledged_exit_code(), 128 + SIGTERM);
}

}  // namespace
}  // namespace sockerless::agent
