#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using namespace std::chrono_literals;
using test::TestDaemon;

class Restart : public testing::Test {
 protected:
  std::string make(const std::string& policy) {
    id_ = daemon_.create("web", R"(,"HostConfig":{"RestartPolicy":)" + policy + "}");
    daemon_.start("web", id_);
    return id_;
  }
  std::string at(const std::string& path) { return daemon_.get("/containers/web/json").at(path); }
  void exits(int code) {
    daemon_.agents.exits(id_, code);
    daemon_.settle();
  }
  void passes(Clock::Duration time) {
    daemon_.clock.advance(time);
    daemon_.settle();
  }
  void runs_again() {
    daemon_.agents.connects(id_);
    daemon_.agents.starts(id_);
    daemon_.settle();
  }
  std::size_t launches() const { return daemon_.backend.launched.size(); }

  TestDaemon daemon_;
  std::string id_;
};

TEST_F(Restart, AlwaysRunsTheContainerAgainAfterItsDelay) {
  make(R"({"Name":"always"})");
  exits(0);
  EXPECT_EQ(at("State.Status"), "restarting");
  EXPECT_EQ(at("State.Restarting"), "true");
  EXPECT_EQ(at("State.Running"), "true");
  EXPECT_EQ(launches(), 1u);
  passes(100ms);
  EXPECT_EQ(launches(), 2u);
  EXPECT_EQ(at("State.Status"), "restarting");
  runs_again();
  EXPECT_EQ(at("State.Status"), "running");
  EXPECT_EQ(at("RestartCount"), "1");
}

TEST_F(Restart, TheDelayDoubles) {
  make(R"({"Name":"always"})");
  exits(1);
  passes(100ms);
  runs_again();
  exits(1);
  passes(199ms);
  EXPECT_EQ(launches(), 2u);
  passes(1ms);
  EXPECT_EQ(launches(), 3u);
}

TEST_F(Restart, OnFailureGivesUpAfterItsRetries) {
  make(R"({"Name":"on-failure","MaximumRetryCount":1})");
  exits(3);
  passes(100ms);
  runs_again();
  exits(3);
  EXPECT_EQ(at("State.Status"), "exited");
  EXPECT_EQ(at("State.ExitCode"), "3");
  EXPECT_EQ(at("RestartCount"), "1");
  passes(1h);
  EXPECT_EQ(launches(), 2u);
}

TEST_F(Restart, WhatIsStoppedStaysStopped) {
  make(R"({"Name":"always"})");
  daemon_.post_while("/containers/web/stop", [&] { daemon_.agents.exits(id_, 143); });
  passes(1h);
  EXPECT_EQ(at("State.Status"), "exited");
  EXPECT_EQ(launches(), 1u);
}

TEST_F(Restart, StopEndsTheWaitForARestart) {
  make(R"({"Name":"always"})");
  exits(5);
  EXPECT_EQ(daemon_.post("/containers/web/stop").status, 204);
  EXPECT_EQ(at("State.Status"), "exited");
  EXPECT_EQ(at("State.ExitCode"), "5");
  passes(1h);
  EXPECT_EQ(launches(), 1u);
}

TEST_F(Restart, ARestartingContainerIsRemovedByForceOnly) {
  make(R"({"Name":"always"})");
  exits(1);
  const auto reply = daemon_.del("/containers/web");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.message(),
            "cannot remove container \"web\": container is restarting: stop the container before removing or force "
            "remove");
  EXPECT_EQ(daemon_.del("/containers/web?force=1").status, 204);
  passes(1h);
  EXPECT_EQ(launches(), 1u);
}

TEST_F(Restart, ACommandThatCannotRunIsNotTriedAgain) {
  make(R"({"Name":"always"})");
  exits(1);
  passes(100ms);
  daemon_.agents.fails_to_start(id_, 127, "exec: \"x\": executable file not found in $PATH");
  daemon_.settle();
  EXPECT_EQ(at("State.Status"), "exited");
  EXPECT_EQ(at("State.ExitCode"), "127");
}

TEST_F(Restart, ATaskThatCannotBePlacedIsTriedAgain) {
  make(R"({"Name":"always"})");
  exits(1);
  daemon_.backend.refuse_launch = Error(ErrorKind::unavailable, "no capacity");
  passes(100ms);
  EXPECT_EQ(at("State.Status"), "restarting");
  EXPECT_EQ(at("State.Error"), "no capacity");
  daemon_.backend.refuse_launch.reset();
  passes(200ms);
  runs_again();
  EXPECT_EQ(at("State.Status"), "running");
}

TEST_F(Restart, TheLimitOfLaunchesAnHourIsKept) {
  make(R"({"Name":"always"})");
  for (int i = 0; i < 9; ++i) {
    exits(1);
    passes(1min);
    runs_again();
  }
  exits(1);
  passes(2min);
  EXPECT_EQ(launches(), 10u);
  EXPECT_THAT(at("State.Error"), testing::HasSubstr("10 tasks were launched within an hour"));
  passes(1h);
  EXPECT_EQ(launches(), 11u);
}

TEST_F(Restart, AStartByHandCountsFromZero) {
  make(R"({"Name":"on-failure","MaximumRetryCount":1})");
  exits(1);
  passes(100ms);
  runs_again();
  exits(1);
  daemon_.start("web", id_);
  EXPECT_EQ(at("RestartCount"), "0");
}

TEST_F(Restart, AWaiterIsToldOfEveryExit) {
  make(R"({"Name":"always"})");
  core::ExitWait wait = daemon_.containers.wait("web", core::WaitCondition::not_running);
  daemon_.agents.exits(id_, 4);
  EXPECT_EQ(test::run(daemon_.loop, wait.outcome()).exit_code, 4);
}

TEST_F(Restart, TheWaitGoesOnAfterARestartOfTheDaemon) {
  make(R"({"Name":"always"})");
  exits(1);
  core::Lifecycle next(daemon_.loop.get_executor(), daemon_.services, {});
  next.recover();
  daemon_.lifecycle.table().get("web")->restart_timer.reset();
  passes(100ms);
  EXPECT_EQ(launches(), 2u);
  test::run(daemon_.loop, next.shut_down());
}

TEST_F(Restart, AClockThatWasSetBackWhileNoDaemonRanDelaysItByAnHourAtMost) {
  make(R"({"Name":"always"})");
  exits(1);
  daemon_.lifecycle.table().get("web")->restart_timer.reset();
  daemon_.clock.set_wall_clock(daemon_.clock.now() - 24h);
  core::Lifecycle next(daemon_.loop.get_executor(), daemon_.services, {});
  next.recover();
  passes(1h);
  EXPECT_EQ(launches(), 2u);
  test::run(daemon_.loop, next.shut_down());
}

TEST_F(Restart, LaunchesBeforeTheClockWasSetBackCountForAnHourAtMost) {
  make(R"({"Name":"always"})");
  for (int i = 0; i < 9; ++i) {
    exits(1);
    passes(1min);
    runs_again();
  }
  daemon_.clock.set_wall_clock(daemon_.clock.now() - 24h);
  exits(1);
  passes(1h);
  EXPECT_EQ(launches(), 11u);
}

}  // namespace
}  // namespace sockerless
