#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using namespace std::chrono_literals;
using test::TestDaemon;

class Lifecycle : public testing::Test {
 protected:
  std::string status() { return daemon_.get("/containers/web/json").at("State.Status"); }
  std::string exit_code() { return daemon_.get("/containers/web/json").at("State.ExitCode"); }
  std::string error() { return daemon_.get("/containers/web/json").at("State.Error"); }

  // The actions of the container's events so far.
  std::vector<std::string> events() {
    std::vector<std::string> actions;
    for (const auto& event : daemon_.events.recent()) {
      if (event.type == "container") actions.push_back(event.action);
    }
    return actions;
  }

  // What the agents have been given to deliver.
  std::vector<int> signals() {
    std::vector<int> numbers;
    for (const auto& [id, signal] : daemon_.agents.signals) numbers.push_back(signal);
    return numbers;
  }

  TestDaemon daemon_;
  std::string id_ = daemon_.create("web");
};

TEST_F(Lifecycle, StartAnswersWhenTheAgentSaysThatTheCommandRuns) {
  const auto reply = daemon_.post_while("/containers/web/start", [&] {
    daemon_.agents.connects(id_);
    daemon_.agents.starts(id_);
  });
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(status(), "running");
  EXPECT_EQ(daemon_.post("/containers/web/start").status, 304);
  EXPECT_EQ(daemon_.backend.launched.size(), 1u);
}

TEST_F(Lifecycle, TheIntentIsStoredBeforeTheTaskIsAskedFor) {
  std::string stored;
  daemon_.post_while("/containers/web/start", [&] {
    stored = daemon_.store.load("containers").front().second;
    daemon_.agents.starts(id_);
  });
  EXPECT_NE(stored.find(daemon_.backend.launched.front()), std::string::npos);
  EXPECT_NE(stored.find("client_token"), std::string::npos);
}

TEST_F(Lifecycle, ACommandThatCannotRunIsDockersErrorAndExitCode) {
  const auto reply = daemon_.post_while("/containers/web/start", [&] {
    daemon_.agents.connects(id_);
    daemon_.agents.fails_to_start(id_, 127, "exec: \"x\": executable file not found in $PATH");
  });
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(),
            "failed to create task for container: failed to create shim task: OCI runtime create "
            "failed: runc create failed: unable to start container process: exec: \"x\": executable "
            "file not found in $PATH");
  EXPECT_EQ(status(), "created");
  EXPECT_EQ(exit_code(), "127");
  daemon_.settle();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-web"});
}

TEST_F(Lifecycle, ARefusedTaskLeavesTheContainerStartable) {
  daemon_.backend.refuse_launch = Error(ErrorKind::unavailable, "no capacity");
  const auto reply = daemon_.post("/containers/web/start");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.message(), "no capacity");
  EXPECT_EQ(status(), "created");

  daemon_.backend.refuse_launch.reset();
  daemon_.start("web", id_);
  EXPECT_EQ(status(), "running");
}

TEST_F(Lifecycle, ATaskThatStopsWithoutExitCodeHasNotStarted) {
  const auto reply = daemon_.post_while(
      "/containers/web/start", [&] { daemon_.backend.task_stops(id_, std::nullopt, "CannotPullContainerError: no"); });
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.message(), "CannotPullContainerError: no");
  EXPECT_EQ(status(), "created");
}

TEST_F(Lifecycle, ATaskThatStopsWithAnExitCodeHasStartedAndExited) {
  const auto reply = daemon_.post_while("/containers/web/start", [&] { daemon_.backend.task_stops(id_, 3); });
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(status(), "exited");
  EXPECT_EQ(exit_code(), "3");
}

TEST_F(Lifecycle, StartAnswersAfterFiftySecondsAndTheLaunchGoesOn) {
  const auto reply = daemon_.post_while("/containers/web/start", [&] { daemon_.clock.advance(51s); });
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(status(), "running");
  EXPECT_EQ(daemon_.get("/containers/web/json").at("State.StartedAt"), "0001-01-01T00:00:00Z");

  daemon_.backend.task_stops(id_, std::nullopt, "no capacity");
  daemon_.settle();
  EXPECT_EQ(status(), "exited");
  EXPECT_EQ(exit_code(), "125");
  EXPECT_EQ(error(), "no capacity");
}

TEST_F(Lifecycle, AnAgentIsDialledBeforeItsTaskIsSeenToRun) {
  const auto reply = daemon_.post_while("/containers/web/start", [&] {
    daemon_.backend.task_is_launching(id_);
    daemon_.agents.connects(id_);
    daemon_.agents.starts(id_);
  });
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(status(), "running");
  EXPECT_EQ(daemon_.agents.addresses, (std::vector<std::pair<std::string, bool>>{{"10.0.0.1", false}}));
  // What is about to end is pending too, and its agent is there.
  daemon_.backend.task_is_launching(id_);
  EXPECT_TRUE(daemon_.agents.addresses.back().second);
}

TEST_F(Lifecycle, WithoutAnAgentInTimeTheContainerIsMarkedAndRuns) {
  const auto reply = daemon_.post_while("/containers/web/start", [&] {
    daemon_.backend.task_runs(id_);
    daemon_.clock.advance(61s);
  });
  EXPECT_EQ(reply.status, 204);
  daemon_.settle();
  EXPECT_EQ(daemon_.record("web").agent, core::AgentPresence::absent);
  EXPECT_EQ(status(), "running");
}

TEST_F(Lifecycle, WithSomebodyAttachedTheAgentIsNeeded) {
  const auto session = test::run(daemon_.loop, daemon_.containers.attach("web", {.standard_out = true}));
  daemon_.post_while("/containers/web/start", [&] {
    daemon_.backend.task_runs(id_);
    daemon_.clock.advance(61s);
  });
  daemon_.settle();
  EXPECT_NE(status(), "running");
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-web"});
}

TEST_F(Lifecycle, WhoAttachedBeforeTheStartReadsFromTheFirstByte) {
  daemon_.agents.output = {{1, "first"}};
  const auto session = test::run(daemon_.loop, daemon_.containers.attach("web", {.standard_out = true}));
  daemon_.post_while("/containers/web/start", [&] {
    EXPECT_TRUE(daemon_.agents.released.empty());
    daemon_.agents.connects(id_);
    daemon_.agents.starts(id_);
  });
  EXPECT_EQ(daemon_.agents.released, std::vector<std::string>{id_});
  const auto part = test::run(daemon_.loop, session->read());
  ASSERT_TRUE(part);
  EXPECT_EQ(part->bytes, "first");
}

TEST_F(Lifecycle, AProcessThatEndsByItselfKeepsItsExitCode) {
  daemon_.start("web", id_);
  daemon_.agents.exits(id_, 42);
  daemon_.settle();
  EXPECT_EQ(status(), "exited");
  EXPECT_EQ(exit_code(), "42");
  EXPECT_THAT(events(), testing::ElementsAre("create", "start", "die"));
}

TEST_F(Lifecycle, ATaskThatVanishesHasAnUnknownExitCode) {
  daemon_.start("web", id_);
  daemon_.backend.task_stops(id_, std::nullopt, "ECS is performing maintenance");
  daemon_.settle();
  EXPECT_EQ(exit_code(), "255");
  EXPECT_EQ(error(), "ECS is performing maintenance");
}

TEST_F(Lifecycle, StopIsStopTaskAndExitCodeZero) {
  daemon_.start("web", id_);
  const auto reply = daemon_.post_while("/containers/web/stop", [&] { daemon_.agents.exits(id_, 143); });
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-web"});
  EXPECT_EQ(exit_code(), "0");
  EXPECT_EQ(daemon_.post("/containers/web/stop").status, 304);
}

TEST_F(Lifecycle, AStopThatAwsRefusesClaimsNothing) {
  daemon_.start("web", id_);
  daemon_.backend.refuse_stop = Error(ErrorKind::unavailable, "throttled");
  EXPECT_EQ(daemon_.post("/containers/web/stop").status, 503);
  EXPECT_EQ(status(), "running");
  daemon_.agents.exits(id_, 9);
  daemon_.settle();
  EXPECT_EQ(exit_code(), "9");
}

TEST_F(Lifecycle, AStopWithATimeGivesTheProcessThatTimeAndThenKillsIt) {
  daemon_.start("web", id_);
  daemon_.once([&] { return signals().size() == 2; }, [&] { daemon_.agents.exits(id_, 137); });
  const auto reply = daemon_.post_while("/containers/web/stop?t=3", [&] {
    const auto waits = daemon_.clock.pending();
    daemon_.clock.advance(2999ms);
    EXPECT_EQ(daemon_.clock.pending(), waits);
    daemon_.clock.advance(1ms);
    EXPECT_LT(daemon_.clock.pending(), waits);
  });
  EXPECT_EQ(reply.status, 204);
  EXPECT_THAT(signals(), testing::ElementsAre(SIGTERM, SIGKILL));
  EXPECT_EQ(exit_code(), "0");
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-web"});
  EXPECT_THAT(events(), testing::ElementsAre("create", "start", "kill", "kill", "die", "stop"));
}

TEST_F(Lifecycle, AStopWithATimeEndsWithTheProcess) {
  daemon_.start("web", id_);
  EXPECT_EQ(daemon_.post_while("/containers/web/stop?t=-1", [&] { daemon_.agents.exits(id_, 143); }).status, 204);
  EXPECT_THAT(signals(), testing::ElementsAre(SIGTERM));
  EXPECT_EQ(exit_code(), "0");
}

TEST_F(Lifecycle, AStopWithATimeIsStopTaskWithoutAnAgent) {
  daemon_.start("web", id_);
  daemon_.agents.forget(id_);
  EXPECT_EQ(daemon_.post_while("/containers/web/stop?t=3", [&] { daemon_.backend.task_stops(id_, 143); }).status, 204);
  EXPECT_THAT(signals(), testing::IsEmpty());
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-web"});
}

TEST_F(Lifecycle, AStopTakesASignalSinceVersion142) {
  daemon_.start("web", id_);
  EXPECT_EQ(daemon_.post("/containers/web/stop?signal=BOGUS").message(),
            "cannot stop container: web: invalid signal: BOGUS");
  EXPECT_EQ(daemon_.post("/containers/web/stop?t=x").message(), "strconv.Atoi: parsing \"x\": invalid syntax");
  daemon_.post_while("/v1.41/containers/web/stop?t=1&signal=INT", [&] { daemon_.agents.exits(id_, 143); });
  daemon_.start("web", id_);
  daemon_.post_while("/containers/web/stop?signal=INT", [&] { daemon_.agents.exits(id_, 130); });
  EXPECT_THAT(signals(), testing::ElementsAre(SIGTERM, SIGINT));
}

TEST_F(Lifecycle, ARestartWithATimeKillsTheProcessWhenItIsOver) {
  daemon_.start("web", id_);
  daemon_.once([&] { return signals().size() == 2; }, [&] { daemon_.agents.exits(id_, 137); });
  daemon_.once([&] { return daemon_.backend.launched.size() == 2; },
               [&] {
                 daemon_.agents.connects(id_);
                 daemon_.agents.starts(id_);
               });
  EXPECT_EQ(daemon_.post("/containers/web/restart?t=0").status, 204);
  EXPECT_THAT(signals(), testing::ElementsAre(SIGTERM, SIGKILL));
  EXPECT_EQ(status(), "running");
}

// The order may have arrived: the process that ends because of it must not look as if it had failed.
TEST_F(Lifecycle, AStopWhoseAnswerIsLostIsCarriedOut) {
  daemon_.start("web", id_);
  daemon_.backend.refuse_stop = Error(ErrorKind::unavailable, "no answer");
  daemon_.backend.leaves_outcomes_open = true;
  const auto reply = daemon_.post_while("/containers/web/stop", [&] {
    daemon_.backend.refuse_stop.reset();
    daemon_.clock.advance(2s);
    daemon_.agents.exits(id_, 143);
  });
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(exit_code(), "0");
  daemon_.clock.advance(2s);
  daemon_.settle();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-web"});
}

TEST_F(Lifecycle, AStopThatStaysOpenKeepsItsClaimWhateverAnotherOneIsTold) {
  daemon_.start("web", id_);
  daemon_.backend.refuse_stop = Error(ErrorKind::unavailable, "no answer");
  daemon_.backend.leaves_outcomes_open = true;
  const auto let_time_pass = [](TestDaemon& daemon) -> Awaitable<void> {
    for (int second = 0; second < 200; ++second) {
      daemon.clock.advance(1s);
      co_await asio::post(asio::use_awaitable);
    }
  };
  const auto reply = daemon_.post_while("/containers/web/stop",
                                        [&] { asio::co_spawn(daemon_.loop, let_time_pass(daemon_), asio::detached); });
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(status(), "running");
  daemon_.backend.leaves_outcomes_open = false;
  EXPECT_EQ(daemon_.post("/containers/web/stop").status, 503);
  daemon_.agents.exits(id_, 143);
  daemon_.settle();
  EXPECT_EQ(exit_code(), "0");
}

TEST_F(Lifecycle, KillIsExitCode137) {
  daemon_.start("web", id_);
  const auto reply = daemon_.post_while("/containers/web/kill", [&] { daemon_.agents.exits(id_, 137); });
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(exit_code(), "137");
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-web"});
}

TEST_F(Lifecycle, OtherTerminatingSignalsAreStopTaskAndExitCodeZero) {
  daemon_.start("web", id_);
  EXPECT_EQ(daemon_.post("/containers/web/kill?signal=TERM").status, 204);
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-web"});
  daemon_.agents.exits(id_, 143);
  daemon_.settle();
  EXPECT_EQ(exit_code(), "0");
}

TEST_F(Lifecycle, SignalsThatDoNotEndAreDelivered) {
  daemon_.start("web", id_);
  EXPECT_EQ(daemon_.post("/containers/web/kill?signal=USR1").status, 204);
  EXPECT_THAT(daemon_.agents.signals, testing::ElementsAre(testing::Pair(id_, SIGUSR1)));
  EXPECT_TRUE(daemon_.backend.stopped.empty());
  EXPECT_EQ(status(), "running");
}

TEST_F(Lifecycle, KillOfAStoppedContainerIsConflict) {
  const auto reply = daemon_.post("/containers/web/kill");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.message(), "cannot kill container: web: container " + id_ + " is not running");
}

TEST_F(Lifecycle, NextExitWaitsForTheExitBehindIt) {
  core::ExitWait wait = daemon_.containers.wait("web", core::WaitCondition::next_exit);
  daemon_.start("web", id_);
  daemon_.agents.exits(id_, 5);
  EXPECT_EQ(test::run(daemon_.loop, wait.outcome()).exit_code, 5);
}

TEST(AutoRemove, HappensAfterTheExitAndKeepsTheExitCodeForItsWaiters) {
  TestDaemon daemon;
  const std::string id = daemon.create("once", R"(,"HostConfig":{"AutoRemove":true})");
  core::ExitWait wait = daemon.containers.wait("once", core::WaitCondition::removed);
  daemon.start("once", id);
  daemon.agents.exits(id, 6);
  EXPECT_EQ(test::run(daemon.loop, wait.outcome()).exit_code, 6);
  EXPECT_EQ(daemon.get("/containers/once/json").status, 404);
  daemon.settle();
  EXPECT_EQ(daemon.backend.deregistered, std::vector<std::string>{"definition-once"});
}

TEST(AutoRemove, IsPutOffByARestartAndNotForgotten) {
  TestDaemon daemon;
  const std::string id = daemon.create("once", R"(,"HostConfig":{"AutoRemove":true})");
  daemon.start("once", id);
  bool is_kept = false;
  daemon.once([&] { return !daemon.agents.signals.empty(); },
              [&] {
                is_kept = daemon.record("once").host_config.auto_remove;
                daemon.agents.exits(id, 143);
              });
  daemon.once([&] { return daemon.backend.launched.size() == 2; },
              [&] {
                daemon.agents.connects(id);
                daemon.agents.starts(id);
              });
  EXPECT_EQ(daemon.post("/containers/once/restart?t=5").status, 204);
  EXPECT_TRUE(is_kept);  // a daemon that is killed meanwhile has it on record
  EXPECT_EQ(daemon.get("/containers/once/json").status, 200);
  daemon.agents.exits(id, 0);
  daemon.settle();
  EXPECT_EQ(daemon.get("/containers/once/json").status, 404);
}

TEST(AutoRemove, WaitsForTheOutputToBeRead) {
  TestDaemon daemon;
  const std::string id = daemon.create("once", R"(,"HostConfig":{"AutoRemove":true})");
  auto session = test::run(daemon.loop, daemon.containers.attach("once", {.standard_out = true}));
  daemon.start("once", id);
  daemon.agents.exits(id, 0);
  daemon.settle();
  EXPECT_EQ(daemon.get("/containers/once/json").status, 200);
  session.reset();
  daemon.settle();
  EXPECT_EQ(daemon.get("/containers/once/json").status, 404);
}

}  // namespace
}  // namespace sockerless
