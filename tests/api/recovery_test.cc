#include <gtest/gtest.h>

#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::TestDaemon;

// What a daemon that died has left in the store, loaded by a new one.
class Recovery : public testing::Test {
 protected:
  void leave_behind(core::Container container) {
    test::run(daemon_.loop,
              daemon_.store.put("containers", container.id, json::to_text(container), core::Durability::full));
    daemon_.lifecycle.recover();
    daemon_.settle();
  }

  static core::Container started_container() {
    core::Container container;
    container.id = std::string(64, 'a');
    container.name = "web";
    container.definition = "definition-web";
    container.state.status = core::Status::starting;
    container.launches.push_back({.id = "launch", .client_token = "token", .requested_at = 1});
    return container;
  }

  TestDaemon daemon_;
};

TEST_F(Recovery, ATaskWhoseAnswerWasLostIsFoundAgain) {
  daemon_.backend.task_to_find = "task-found";
  leave_behind(started_container());
  EXPECT_EQ(daemon_.record("web").current_launch()->task, "task-found");
  daemon_.agents.connects(std::string(64, 'a'));
  daemon_.agents.starts(std::string(64, 'a'));
  daemon_.settle();
  EXPECT_EQ(daemon_.record("web").state.status, core::Status::running);
}

TEST_F(Recovery, ATaskThatWasNeverAskedForIsAFailedStart) {
  leave_behind(started_container());
  EXPECT_EQ(daemon_.record("web").state.status, core::Status::created);
  EXPECT_TRUE(daemon_.backend.launched.empty());
}

TEST_F(Recovery, ARunningContainerIsWatchedAndGetsItsExitCode) {
  core::Container container = started_container();
  container.state.status = core::Status::running;
  container.state.started_at = 5;
  container.launches.back().task = "task-web";
  leave_behind(container);
  daemon_.backend.task_stops(container.id, 4);
  daemon_.settle();
  EXPECT_EQ(daemon_.record("web").state.exit_code, 4);
}

TEST_F(Recovery, ARemovalThatHadBegunIsFinished) {
  core::Container container = started_container();
  container.state.status = core::Status::removing;
  container.launches.back().ended_at = 1;
  leave_behind(container);
  EXPECT_EQ(daemon_.get("/containers/web/json").status, 404);
  EXPECT_EQ(daemon_.backend.deregistered, std::vector<std::string>{"definition-web"});
}

TEST_F(Recovery, AnExitedContainerThatWasToBeRemovedIsRemoved) {
  core::Container container = started_container();
  container.state.status = core::Status::exited;
  container.host_config.auto_remove = true;
  container.launches.back().ended_at = 1;
  leave_behind(container);
  EXPECT_EQ(daemon_.get("/containers/web/json").status, 404);
}

TEST_F(Recovery, ATaskWhoseAnswerWasLostInAFailedStartIsStopped) {
  daemon_.create("web");
  daemon_.backend.refuse_launch = Error(ErrorKind::unavailable, "no answer");
  daemon_.backend.leaves_outcomes_open = true;
  daemon_.backend.task_to_find = "task-late";
  EXPECT_EQ(daemon_.post("/containers/web/start").status, 503);
  daemon_.settle();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-late"});
}

TEST_F(Recovery, ATaskThatWasMadeBeforeItsRefusalIsStopped) {
  daemon_.create("web");
  daemon_.backend.refuse_launch = Error(ErrorKind::forbidden, "not authorized");
  daemon_.backend.leaves_outcomes_open = true;
  daemon_.backend.task_to_find = "task-made";
  EXPECT_EQ(daemon_.post("/containers/web/start").status, 403);
  daemon_.settle();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-made"});
}

// Its agent was faster than the refusal of the repeated RunTask.
TEST_F(Recovery, ATaskThatRunsBeforeItsRefusalIsAFailedStartAllTheSame) {
  const std::string id = daemon_.create("web");
  daemon_.backend.refuse_launch = Error(ErrorKind::unavailable, "throttled");
  daemon_.backend.leaves_outcomes_open = true;
  daemon_.backend.task_to_find = "task-made";
  daemon_.backend.before_launch_is_refused = [&] {
    daemon_.agents.connects(id);
    daemon_.agents.starts(id);
  };
  EXPECT_EQ(daemon_.post("/containers/web/start").status, 503);
  daemon_.settle();
  EXPECT_EQ(daemon_.record("web").state.status, core::Status::created);
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-made"});
}

TEST_F(Recovery, ALaunchThatWasRefusedIsNotLookedFor) {
  daemon_.create("web");
  daemon_.backend.task_to_find = "task-of-nobody";
  for (const ErrorKind kind : {ErrorKind::unavailable, ErrorKind::forbidden, ErrorKind::internal}) {
    daemon_.backend.refuse_launch = Error(kind, "no");
    EXPECT_GE(daemon_.post("/containers/web/start").status, 400);
    daemon_.settle();
    EXPECT_TRUE(daemon_.backend.stopped.empty());
  }
}

TEST_F(Recovery, ACreateThatWasInterruptedLeavesNothing) {
  core::Container container = started_container();
  container.state.status = core::Status::created;
  container.launches.clear();
  container.definition.clear();
  leave_behind(container);
  EXPECT_EQ(daemon_.get("/containers/web/json").status, 404);
  EXPECT_EQ(daemon_.backend.abandoned, std::vector<std::string>{container.id});
  EXPECT_TRUE(daemon_.store.load("containers").empty());
  daemon_.create("web");
}

TEST_F(Recovery, ARegistrationWhoseAnswerWasLostIsLookedFor) {
  daemon_.backend.refuse_register = Error(ErrorKind::unavailable, "no answer");
  daemon_.backend.leaves_outcomes_open = true;
  EXPECT_EQ(daemon_.post("/containers/create?name=web", R"({"Image":"busybox"})").status, 503);
  daemon_.settle();
  EXPECT_EQ(daemon_.backend.abandoned.size(), 1u);
  EXPECT_TRUE(daemon_.store.load("containers").empty());
}

TEST_F(Recovery, ARegistrationThatWasRefusedLeavesNothing) {
  daemon_.backend.refuse_register = Error(ErrorKind::unavailable, "throttled");
  EXPECT_EQ(daemon_.post("/containers/create?name=web", R"({"Image":"busybox"})").status, 503);
  EXPECT_TRUE(daemon_.backend.abandoned.empty());
  EXPECT_TRUE(daemon_.store.load("containers").empty());
}

TEST_F(Recovery, DutiesTowardsTheCloudAreTakenUp) {
  test::run(daemon_.loop,
            daemon_.store.put("cleanup", "1", R"({"stop_task":"task-x","reason":"r"})", core::Durability::full));
  daemon_.janitor.recover();
  daemon_.settle();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-x"});
  EXPECT_TRUE(daemon_.store.load("cleanup").empty());
}

TEST_F(Recovery, ADutyThatFailsIsTriedAgain) {
  daemon_.backend.refuse_stop = Error(ErrorKind::unavailable, "throttled");
  test::run(daemon_.loop, daemon_.janitor.stop_task("task-x", "r"));
  daemon_.settle();
  EXPECT_EQ(daemon_.store.load("cleanup").size(), 1u);
  daemon_.backend.refuse_stop.reset();
  daemon_.clock.advance(std::chrono::seconds(2));
  daemon_.settle();
  EXPECT_EQ(daemon_.backend.stopped, std::vector<std::string>{"task-x"});
}

}  // namespace
}  // namespace sockerless
