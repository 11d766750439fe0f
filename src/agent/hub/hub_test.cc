#include "agent/hub/hub.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "agent/hub/hub_fixture.h"
#include "agent/protocol/credit.h"
#include "base/error.h"

namespace sockerless::agent {
namespace {

using namespace std::chrono_literals;

class HubTest : public HubFixture {
 protected:
  explicit HubTest(Time time = Time::real) : HubFixture(time) {}

  // A reverse agent that has been welcomed.
  void connect(FakeAgent& agent, CommandState state = CommandState::running) {
    ASSERT_EQ(run(agent.dial(port_, "secret")), "101");
    run(agent.say_hello(state));
    ASSERT_EQ(run(agent.receive()), "welcome");
  }

  // Attaches to the agent, which agrees.
  std::unique_ptr<StreamSession> attach(FakeAgent& agent) {
    std::unique_ptr<StreamSession> session;
    asio::co_spawn(loop_, hub_.open("c1", attach_request(true, true, true)),
                   [&](std::exception_ptr, std::unique_ptr<StreamSession> opened) { session = std::move(opened); });
    EXPECT_EQ(run(agent.receive()), "attach 1");
    run(agent.send(Opened{.session = 1, .parameters = {}}));
    run_until([&] { return session != nullptr; });
    return session;
  }

  // Why the work failed.
  template <typename T>
  std::string failure(Awaitable<T> work) {
    try {
      run(std::move(work));
    } catch (const Error& error) {
      return error.what();
    }
    return "no failure";
  }
};

TEST_F(HubTest, PassesReportsOfTheExpectedAgentOn) {
  expect_container();
  FakeAgent agent;
  connect(agent);
  EXPECT_TRUE(hub_.connected("c1"));
  run(agent.send(Started{.pid = 12}));
  EXPECT_EQ(run(agent.receive()), "ack 3");
  run(agent.send(Exited{.code = 7, .log_events = 3}));
  run_until([&] { return listener_.reports.size() == 3; });
  EXPECT_EQ(listener_.reports, (std::vector<std::string>{"connected", "started", "exited 7 events 3"}));
  EXPECT_EQ(listener_.pid, 12U);
  hub_.acknowledge_exit("c1");
  EXPECT_EQ(run(agent.receive()), "ack 5");
}

TEST_F(HubTest, FailedStartIsAcknowledgedWhenItIsOnRecord) {
  expect_container();
  FakeAgent agent;
  connect(agent, CommandState::failed);
  run(agent.send(StartFailed{.error_number = 2, .text = "exec: \"x\": executable file not found in $PATH"}));
  EXPECT_EQ(run(agent.receive()), "ack 4");
  EXPECT_TRUE(listener_.has("start failed 2: exec: \"x\": executable file not found in $PATH"));
}

TEST_F(HubTest, StrangersAreRefused) {
  FakeAgent agent;
  EXPECT_EQ(run(agent.dial(port_, "secret")), "404");
  expect_container();
  EXPECT_EQ(run(agent.dial(port_, "wrong")), "401");
  EXPECT_EQ(run(agent.dial(port_, "")), "401");
  EXPECT_EQ(run(agent.dial(port_, "secret", "c2")), "404");
  EXPECT_EQ(run(agent.dial(port_, "secret", "c1", "l0")), "404");
  EXPECT_TRUE(listener_.reports.empty());
}

TEST_F(HubTest, NewestConnectionWins) {
  expect_container();
  FakeAgent first;
  connect(first);
  FakeAgent second;
  connect(second);
  EXPECT_EQ(run(first.receive()), "goodbye");
  EXPECT_EQ(listener_.reports, (std::vector<std::string>{"connected", "connected"}));
  EXPECT_TRUE(hub_.connected("c1"));
}

TEST_F(HubTest, AgentOfAnEarlierLaunchIsDropped) {
  expect_container();
  FakeAgent agent;
  connect(agent);
  hub_.expect({.container_id = "c1", .launch_id = "l2", .token = Secret("secret")});
  EXPECT_FALSE(hub_.connected("c1"));
  EXPECT_EQ(run(agent.receive()), "goodbye");
  EXPECT_EQ(run(agent.dial(port_, "secret")), "404");
}

TEST_F(HubTest, ReleaseAndAcknowledgementAreRemembered) {
  expect_container();
  hub_.release("c1");
  FakeAgent agent;
  connect(agent, CommandState::held);
  EXPECT_EQ(run(agent.receive()), "go");
  agent.close();
  run_until([&] { return !hub_.connected("c1"); });
  hub_.acknowledge_exit("c1");
  connect(agent, CommandState::exited);
  EXPECT_EQ(run(agent.receive()), "go");
  run(agent.send(Exited{.code = 0, .log_events = 0}));
  EXPECT_EQ(run(agent.receive()), "ack 5");
  EXPECT_FALSE(listener_.has("exited 0 events 0"));
}

TEST_F(HubTest, HelloOfAnotherContainerIsRefused) {
  hub_.expect({.container_id = "c2", .launch_id = "l1", .token = Secret("secret")});
  FakeAgent agent;
  ASSERT_EQ(run(agent.dial(port_, "secret", "c2")), "101");
  run(agent.say_hello());
  EXPECT_EQ(run(agent.receive()), "goodbye");
  EXPECT_TRUE(listener_.reports.empty());
}

TEST_F(HubTest, AttachedClientReadsOutputToItsEnd) {
  expect_container();
  FakeAgent agent;
  connect(agent);
  const auto session = attach(agent);
  run(agent.send(Data{.session = 1, .stream = Stream::standard_out, .bytes = "out"}));
  run(agent.send(Data{.session = 1, .stream = Stream::standard_error, .bytes = "err"}));
  run(agent.send(Close{.session = 1, .result = 0}));
  const auto first = run(session->read());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->stream, 1);
  EXPECT_EQ(first->bytes, "out");
  const auto second = run(session->read());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->stream, 2);
  EXPECT_FALSE(run(session->read()));
  run(session->closed());
}

TEST_F(HubTest, CreditIsGivenBackOnlyForWhatWasRead) {
  expect_container();
  FakeAgent agent;
  connect(agent);
  const auto session = attach(agent);
  const std::string piece(kMaxData, 'x');
  for (int i = 0; i < 4; ++i) run(agent.send(Data{.session = 1, .stream = Stream::standard_out, .bytes = piece}));
  for (int i = 0; i < 2; ++i) run(session->read());
  EXPECT_EQ(run(agent.receive()), "credit 1 1 131072");
  // Its window is 128 KiB open now; more than that is a violation.
  for (int i = 0; i < 2; ++i) run(agent.send(Data{.session = 1, .stream = Stream::standard_out, .bytes = piece}));
  run(agent.send(Data{.session = 1, .stream = Stream::standard_out, .bytes = "x"}));
  EXPECT_EQ(run(agent.receive()), "goodbye");
  EXPECT_TRUE(listener_.has("lost c1 l1"));
}

TEST_F(HubTest, WriteWaitsForTheAgentsCredit) {
  expect_container();
  FakeAgent agent;
  connect(agent);
  const auto session = attach(agent);
  bool is_written = false;
  asio::co_spawn(loop_, session->write(std::string(kInitialWindow + 3, 'i')),
                 [&](std::exception_ptr) { is_written = true; });
  for (std::uint32_t got = 0; got < kInitialWindow; got += kMaxData) run(agent.receive());
  EXPECT_FALSE(is_written);
  run(agent.send(Credit{.session = 1, .stream = Stream::standard_in, .bytes = 65536}));
  EXPECT_EQ(run(agent.receive()), "data 1 iii");
  run_until([&] { return is_written; });
  session->close_stdin();
  EXPECT_EQ(run(agent.receive()), "end 1");
}

TEST_F(HubTest, DestroyedSessionIsClosedAtTheAgent) {
  expect_container();
  FakeAgent agent;
  connect(agent);
  auto session = attach(agent);
  session.reset();
  EXPECT_EQ(run(agent.receive()), "close 1");
  // What was under way to it is no violation.
  run(agent.send(Data{.session = 1, .stream = Stream::standard_out, .bytes = "late"}));
  run(agent.send(Started{.pid = 1}));
  EXPECT_EQ(run(agent.receive()), "ack 3");
}

TEST_F(HubTest, LostAgentEndsSessionsBehindWhatArrived) {
  expect_container();
  FakeAgent agent;
  connect(agent);
  const auto session = attach(agent);
  run(agent.send(Data{.session = 1, .stream = Stream::standard_out, .bytes = "last words"}));
  agent.close();
  run_until([&] { return listener_.has("lost c1 l1"); });
  EXPECT_EQ(run(session->read())->bytes, "last words");
  EXPECT_EQ(failure(session->read()), "the agent closed the connection");
  EXPECT_EQ(failure(session->write("x")), "the agent closed the connection");
}

TEST_F(HubTest, SignalAndResizeTellTheirOutcome) {
  expect_container();
  FakeAgent agent;
  connect(agent);
  const auto answer = [&](Awaitable<void> work, const std::string& request, const Frame& reply) {
    std::string outcome = "waiting";
    asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr thrown) {
      try {
        outcome = "done";
        if (thrown) std::rethrow_exception(thrown);
      } catch (const Error& error) {
        outcome = error.what();
      }
    });
    EXPECT_EQ(run(agent.receive()), request);
    run(agent.send(reply));
    run_until([&] { return outcome != "waiting"; });
    return outcome;
  };
  EXPECT_EQ(answer(hub_.signal("c1", 10), "signal 1 10", Close{.session = 1, .result = 0}), "done");
  EXPECT_EQ(answer(hub_.signal("c1", 99), "signal 2 99",
                   SessionError{.session = 2, .error_number = 22, .text = "signal: Invalid argument"}),
            "signal: Invalid argument");
  EXPECT_EQ(answer(hub_.resize("c1", 24, 80), "resize 3 24x80", Close{.session = 3, .result = 0}), "done");
}

TEST_F(HubTest, ForwardAgentIsDialledWithItsTokenAndRedialled) {
  expect_container();
  http::Listener listener(loop_.get_executor(), "tcp://127.0.0.1:0");
  hub_.dial("c1", "127.0.0.1", listener.port());
  FakeAgent agent;
  const HttpHead head = run(agent.accept(listener));
  EXPECT_EQ(bearer_token(head), "secret");
  EXPECT_EQ(head.header(kContainerHeader), "c1");
  EXPECT_EQ(head.header(kLaunchHeader), "l1");
  run(agent.say_hello());
  EXPECT_EQ(run(agent.receive()), "welcome");
  agent.close();
  run(agent.accept(listener));
  run(agent.say_hello());
  EXPECT_EQ(run(agent.receive()), "welcome");
  EXPECT_EQ(listener_.reports, (std::vector<std::string>{"connected", "lost c1 l1", "connected"}));
}

TEST_F(HubTest, ForgettingEndsWaitsAndSessions) {
  expect_container();
  std::string outcome;
  asio::co_spawn(loop_, hub_.open("c1", attach_request(false, true, false)),
                 [&](std::exception_ptr thrown, std::unique_ptr<StreamSession>) {
                   try {
                     if (thrown) std::rethrow_exception(thrown);
                   } catch (const Error& error) {
                     outcome = error.what();
                   }
                 });
  loop_.poll();
  hub_.forget("c1");
  run_until([&] { return !outcome.empty(); });
  EXPECT_EQ(outcome, "the agent of container c1 is not connected");
  EXPECT_EQ(failure(hub_.open("c1", attach_request(false, false, false))),
            "the agent of container c1 is not connected");
  EXPECT_EQ(failure(hub_.signal("c1", 15)), "the agent of container c1 is not connected");
}

class HubTimeTest : public HubTest {
 protected:
  HubTimeTest() : HubTest(Time::manual) {}
};

TEST_F(HubTimeTest, AttachWaitsThirtySecondsForTheAgent) {
  expect_container();
  std::string outcome;
  asio::co_spawn(loop_, hub_.open("c1", attach_request(false, true, false)),
                 [&](std::exception_ptr thrown, std::unique_ptr<StreamSession>) {
                   try {
                     if (thrown) std::rethrow_exception(thrown);
                   } catch (const Error& error) {
                     outcome = error.what();
                   }
                 });
  loop_.poll();
  manual_clock_.advance(29s);
  loop_.restart();
  loop_.poll();
  EXPECT_EQ(outcome, "");
  manual_clock_.advance(1s);
  run_until([&] { return !outcome.empty(); });
  EXPECT_EQ(outcome, "the agent of container c1 did not connect within 30 s");
}

// Accepts a dialler's connections and closes them: whoever listens there is no agent yet.
Awaitable<void> turn_away(http::Listener& listener, int& count) {
  for (;;) {
    co_await listener.accept();
    ++count;
  }
}

TEST_F(HubTimeTest, AnAgentOfALaunchIsDialledSeveralTimesASecond) {
  expect_container();
  http::Listener listener(loop_.get_executor(), "tcp://127.0.0.1:0");
  int count = 0;
  TaskGroup tasks(loop_.get_executor());
  tasks.spawn("turn away", turn_away(listener, count));
  hub_.dial("c1", "127.0.0.1", listener.port(), TaskPhase::launching);
  // Some 9 s of pauses, and what passes while it dials.
  while (count < 40 && manual_clock_.elapsed() < 20s) {
    manual_clock_.advance(1ms);
    loop_.restart();
    loop_.poll();
  }
  EXPECT_EQ(count, 40);
  run(tasks.join());
}

TEST_F(HubTimeTest, ATaskThatBeginsToRunIsDialledAtOnceWhateverBecameOfTheLastAttempt) {
  expect_container();
  http::Listener listener(loop_.get_executor(), "tcp://127.0.0.1:0");
  hub_.dial("c1", "127.0.0.1", listener.port(), TaskPhase::launching);
  const auto unanswered = run(listener.accept());
  hub_.dial("c1", "127.0.0.1", listener.port(), TaskPhase::running);
  FakeAgent agent;
  run(agent.accept(listener));
  run(agent.say_hello());
  EXPECT_EQ(run(agent.receive()), "welcome");
  EXPECT_EQ(manual_clock_.elapsed(), 0s);
  // Seen to run once more, it is not dialled again.
  hub_.dial("c1", "127.0.0.1", listener.port(), TaskPhase::running);
  EXPECT_TRUE(hub_.connected("c1"));
}

TEST_F(HubTimeTest, AnAttemptOfALaunchIsGivenUpAfterASecond) {
  expect_container();
  http::Listener listener(loop_.get_executor(), "tcp://127.0.0.1:0");
  hub_.dial("c1", "127.0.0.1", listener.port(), TaskPhase::launching);
  const auto unanswered = run(listener.accept());
  manual_clock_.advance(1s);
  FakeAgent agent;
  std::string path;
  asio::co_spawn(loop_, agent.accept(listener),
                 [&](const std::exception_ptr&, const HttpHead& head) { path = head.second; });
  while (path.empty() && manual_clock_.elapsed() < 2s) {
    manual_clock_.advance(1ms);
    loop_.restart();
    loop_.poll();
  }
  EXPECT_EQ(path, kConnectPath);
  run(agent.say_hello());
  EXPECT_EQ(run(agent.receive()), "welcome");
}

TEST_F(HubTimeTest, SilentAgentIsLostAfterThirtySeconds) {
  expect_container();
  FakeAgent agent;
  connect(agent);
  manual_clock_.advance(20s);
  EXPECT_TRUE(hub_.connected("c1"));
  manual_clock_.advance(10s);
  EXPECT_FALSE(hub_.connected("c1"));
  EXPECT_TRUE(listener_.has("lost c1 l1"));
}

}  // namespace
}  // namespace sockerless::agent
