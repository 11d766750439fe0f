#include <csignal>

#include "agent/hub/agent_program_fixture.h"
#include "agent/protocol/exec.h"
#include "agent/protocol/statistics.h"

namespace sockerless::agent {
namespace {

using namespace std::chrono_literals;

std::string encoded_exec(std::vector<std::string> arguments) {
  ExecParameters parameters;
  parameters.arguments = std::move(arguments);
  parameters.standard_in = parameters.standard_out = true;
  return encode(parameters);
}

// Waits for the peer's farewell, whatever it says before.
Awaitable<std::string> farewell(FakeAgent& peer) {
  std::string said;
  while (said != "goodbye" && said != "end" && said != "reset") said = co_await peer.receive();
  co_return said;
}

// A daemon, or somebody who has its token, that breaks the protocol.
class BadDaemon : public AgentProgram {
 protected:
  void SetUp() override {
    AgentProgram::SetUp();
    start({"sleep", "1000"});
    wait_for_report("started");
  }

  // Dials as a daemon does, sends the frames and returns how the agent takes its leave. The hub dials too, and
  // a newer connection ends the older one without a goodbye: then it is tried again.
  std::string send(const std::vector<Frame>& frames) {
    return leave_after([&](FakeAgent& daemon) { return attempt(daemon, frames); });
  }

  // The same of bytes that are no frames.
  std::string send_raw(const std::string& bytes) {
    return leave_after([&](FakeAgent& daemon) { return attempt_raw(daemon, bytes); });
  }

  template <typename Attempt>
  std::string leave_after(Attempt attempt) {
    constexpr int kAttempts = 10;
    std::string said;
    for (int i = 0; i < kAttempts && said != "goodbye"; ++i) {
      FakeAgent daemon;
      EXPECT_EQ(run(daemon.dial(agent_port_, "secret")), "101");
      said = run(attempt(daemon));
    }
    return said;
  }

  static Awaitable<std::string> attempt(FakeAgent& daemon, std::vector<Frame> frames) {
    try {
      for (const Frame& frame : frames) co_await daemon.send(frame);
    } catch (const boost::system::system_error&) {
      co_return "reset";
    }
    co_return co_await farewell(daemon);
  }

  static Awaitable<std::string> attempt_raw(FakeAgent& daemon, std::string bytes) {
    try {
      co_await daemon.send_raw(std::move(bytes));
    } catch (const boost::system::system_error&) {
      co_return "reset";
    }
    co_return co_await farewell(daemon);
  }

  void expect_unharmed() {
    run_until([&] { return hub_.connected("c1"); });
    run(hub_.signal("c1", SIGTERM));
    EXPECT_EQ(acknowledged_exit_code(), 143);
  }
};

INSTANTIATE_TEST_SUITE_P(Only, BadDaemon, testing::Values(ConnectBy::forward));

TEST_P(BadDaemon, MalformedFramesEndTheConnectionAndNothingElse) {
  for (const std::string& garbage : {std::string("\xff\xff\xff\xff\xff\xff"), std::string("\x82\x81\0\0\0\0\x7f", 7),
                                     std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14)}) {
    EXPECT_EQ(send_raw(garbage), "goodbye");
  }
  expect_unharmed();
}

TEST_P(BadDaemon, FramesOutOfPlaceEndTheConnectionOnly) {
  const std::string exec = encoded_exec({"cat"});
  const Open open{.session = 3, .kind = SessionKind::exec, .parameters = exec};
  const std::string piece(kMaxData, 'x');
  const Data data{.session = 3, .stream = Stream::standard_in, .bytes = piece};
  const EndOfStream end{.session = 3, .stream = Stream::standard_in};
  const std::vector<std::vector<Frame>> violations = {
      {Hello{.version = "x", .container_id = "c1", .launch_id = "l1", .architecture = "amd64"}},
      {Started{.pid = 1}},
      {Opened{.session = 1}},
      {Data{.session = 1, .stream = Stream::standard_in, .bytes = "x"}},
      {Credit{.session = 1, .stream = Stream::standard_out, .bytes = 1}},
      {EndOfStream{.session = 1, .stream = Stream::standard_in}},
      {Close{.session = 1}},
      {Open{.session = 0, .kind = SessionKind::exec, .parameters = exec}},
      {open, open},
      {open, Open{.session = 2, .kind = SessionKind::exec, .parameters = exec}},
      {open, Data{.session = 3, .stream = Stream::standard_out, .bytes = "x"}},
      {open, Data{.session = 4, .stream = Stream::standard_in, .bytes = "x"}},
      {open, Credit{.session = 3, .stream = Stream::standard_out, .bytes = 1}},
      {open, Credit{.session = 3, .stream = Stream::standard_in, .bytes = 1}},
      {open, end, end},
      {open, end, data},
      {Open{.session = 1, .kind = SessionKind::exec, .parameters = "\x01"}},
      {Open{.session = 1, .kind = SessionKind::signal, .parameters = "\x01"}},
  };
  for (std::size_t i = 0; i < violations.size(); ++i) EXPECT_EQ(send(violations[i]), "goodbye") << "violation " << i;
  expect_unharmed();
}

TEST_P(BadDaemon, MoreInputThanGrantedIsAViolation) {
  const std::string exec = encoded_exec({"sleep", "1000"});
  const std::string piece(kMaxData, 'x');
  std::vector<Frame> frames = {Open{.session = 1, .kind = SessionKind::exec, .parameters = exec}};
  // The agent's window and the command's pipe, of 256 KiB each, and one more.
  for (int i = 0; i < 9; ++i) frames.emplace_back(Data{.session = 1, .stream = Stream::standard_in, .bytes = piece});
  EXPECT_EQ(send(frames), "goodbye");
  expect_unharmed();
}

TEST_P(BadDaemon, ThatNeverReadsHoldsUpNobody) {
  FakeAgent daemon;
  ASSERT_EQ(run(daemon.dial(agent_port_, "secret")), "101");
  const std::string exec = encoded_exec({"yes"});
  for (std::uint32_t id = 1; id <= 50; ++id) {
    run(daemon.send(Open{.session = 3 * id, .kind = SessionKind::exec, .parameters = exec}));
    run(daemon.send(Open{.session = 3 * id + 1, .kind = SessionKind::top}));
    run(daemon.send(Open{.session = 3 * id + 2, .kind = SessionKind::stats}));
  }
  expect_unharmed();
}

TEST_P(BadDaemon, ThatSendsNothingHoldsUpNobody) {
  std::vector<std::unique_ptr<http::Connection>> silent;
  for (int i = 0; i < 8; ++i) silent.push_back(run(http::dial("127.0.0.1", agent_port_)));
  FakeAgent mute;
  ASSERT_EQ(run(mute.dial(agent_port_, "secret")), "101");
  expect_unharmed();
}

// An agent, or somebody who has its token, that breaks the protocol.
class BadAgent : public HubFixture {
 protected:
  void SetUp() override { expect_container(); }

  void connect(FakeAgent& agent) {
    ASSERT_EQ(run(agent.dial(port_, "secret")), "101");
    run(agent.say_hello());
    ASSERT_EQ(run(agent.receive()), "welcome");
  }

  void expect_unharmed() {
    FakeAgent agent;
    connect(agent);
    EXPECT_TRUE(hub_.connected("c1"));
  }
};

TEST_F(BadAgent, FramesOutOfPlaceEndTheConnectionOnly) {
  const std::vector<Frame> violations = {
      Hello{.version = "x", .container_id = "c1", .launch_id = "l1", .architecture = "amd64"},
      Welcome{.version = "x"},
      Go{},
      Ack{},
      Open{.session = 1, .kind = SessionKind::exec},
      Opened{.session = 1},
      Data{.session = 1, .stream = Stream::standard_out, .bytes = "x"},
      Credit{.session = 1, .stream = Stream::standard_in, .bytes = 1},
      EndOfStream{.session = 1, .stream = Stream::standard_out},
      Close{.session = 1},
      SessionError{.session = 1, .error_number = 1, .text = "x"},
  };
  for (const Frame& violation : violations) {
    FakeAgent agent;
    connect(agent);
    run(agent.send(violation));
    EXPECT_EQ(run(farewell(agent)), "goodbye") << "violation " << violation.index();
  }
  expect_unharmed();
}

TEST_F(BadAgent, NothingButHelloComesFirst) {
  for (const Frame& frame : {Frame(Started{.pid = 1}), Frame(Exited{}), Frame(Opened{.session = 1})}) {
    FakeAgent agent;
    ASSERT_EQ(run(agent.dial(port_, "secret")), "101");
    run(agent.send(frame));
    EXPECT_EQ(run(farewell(agent)), "goodbye") << frame.index();
  }
  expect_unharmed();
}

TEST_F(BadAgent, BytesThatAreNoFramesEndTheConnectionOnly) {
  const std::string unmasked("\x82\x01\x07", 3);
  const std::string text("\x81\x82\0\0\0\0{}", 8);
  const std::string too_long("\x82\xff\0\0\0\0\x10\0\0\0\0\0\0\0", 14);
  const std::string reserved("\xf2\x80\0\0\0\0", 6);
  const std::string lone_continuation("\x80\x80\0\0\0\0", 6);
  const std::string unknown_frame("\x82\x81\0\0\0\0\x7f", 7);
  const std::string endless_text("\x82\x85\0\0\0\0\x04\xff\xff\xff\xff", 11);
  for (const std::string& bytes :
       {unmasked, text, too_long, reserved, lone_continuation, unknown_frame, endless_text}) {
    FakeAgent agent;
    connect(agent);
    run(agent.send_raw(bytes));
    EXPECT_EQ(run(farewell(agent)), "goodbye") << testing::PrintToString(bytes);
  }
  expect_unharmed();
}

TEST_F(BadAgent, WithAWrongTokenNeverReplacesTheRightOne) {
  FakeAgent right;
  connect(right);
  for (const std::string& token : {std::string("wrong"), std::string(), std::string(10000, 's')}) {
    FakeAgent stranger;
    EXPECT_EQ(run(stranger.dial(port_, token)), "401");
  }
  EXPECT_TRUE(hub_.connected("c1"));
  EXPECT_EQ(listener_.count("lost c1 l1"), 0u);
}

// The sessions that read the kernel's files, by the built program.
TEST_P(AgentProgram, TopListsTheCommandAndNotTheAgent) {
  start({"sleep", "1000"});
  wait_for_report("started");
  const auto session = run(hub_.open("c1", {.kind = SessionKind::top, .parameters = {}, .standard_out = true}));
  EXPECT_TRUE(decode_machine_facts(session->answer()));
  std::string output;
  while (const auto part = run(session->read())) output += part->bytes;
  const auto processes = decode_processes(output);
  ASSERT_TRUE(processes);
  bool has_command = false;
  for (const ProcessFacts& process : *processes) {
    const bool is_agent = process.stat.starts_with(std::to_string(agent_->pid()) + " ");
    EXPECT_FALSE(is_agent);
    has_command |= process.arguments == std::string(
                                            "sleep\0"
                                            "1000\0",
                                            11) &&
                   process.stat.starts_with(std::to_string(listener_.pid) + " ");
  }
  EXPECT_TRUE(has_command);
}

TEST_P(AgentProgram, StatsCarryTheKernelsFiles) {
  start({"sleep", "1000"});
  wait_for_report("started");
  const auto session = run(hub_.open("c1", {.kind = SessionKind::stats, .parameters = {}}));
  EXPECT_EQ(run(session->result()), 0);
  const auto files = decode_files(session->answer());
  ASSERT_TRUE(files);
  ASSERT_FALSE(files->empty());
  EXPECT_EQ(files->front().path, "/proc/stat");
  EXPECT_TRUE(files->front().text.starts_with("cpu "));
}

}  // namespace
}  // namespace sockerless::agent
