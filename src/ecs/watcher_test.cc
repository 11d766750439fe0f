#include "ecs/watcher.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/http_imposter.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::ecs {
namespace {

using namespace std::chrono_literals;
using core::TaskReport;

aws::Task task_in(std::string status) {
  aws::Task task;
  task.last_status = std::move(status);
  task.containers.push_back({.name = "main"});
  return task;
}

TEST(TaskReport, FollowsTheTasksStatus) {
  for (const char* status : {"PROVISIONING", "PENDING", "ACTIVATING", "SOMETHING_NEW"}) {
    EXPECT_EQ(report_of(task_in(status)).phase, TaskReport::Phase::pending) << status;
  }
  EXPECT_EQ(report_of(task_in("RUNNING")).phase, TaskReport::Phase::running);
  for (const char* status : {"DEPROVISIONING", "STOPPED", "DELETED"}) {
    EXPECT_EQ(report_of(task_in(status)).phase, TaskReport::Phase::stopped) << status;
  }
}

TEST(TaskReport, AnExitCodeIsTheEndWhateverTheStatus) {
  aws::Task task = task_in("DEACTIVATING");
  task.containers[0].exit_code = 3;
  EXPECT_EQ(report_of(task).phase, TaskReport::Phase::stopped);
  EXPECT_EQ(report_of(task).exit_code, 3);
}

TEST(TaskReport, WithoutAnExitCodeThereIsNone) {
  aws::Task task = task_in("STOPPED");
  task.stopped_reason = "CannotPullContainerError: pull access denied";
  EXPECT_FALSE(report_of(task).exit_code.has_value());
  EXPECT_EQ(report_of(task).reason,
            "CannotPullContainerError: pull access denied (check the image's name; a private one needs "
            "SOCKERLESS_REGISTRY_CREDENTIALS, or in ECR the execution role's permission to pull)");
}

TEST(TaskReport, WhatTheRuntimeSaidIsPassedOnInItsOwnWords) {
  aws::Task task = task_in("STOPPED");
  task.stopped_reason = "Task failed to start";
  task.containers[0].reason =
      "CannotStartContainerError: Error response from daemon: unable to find user x: no matching "
      "entries in passwd file";
  EXPECT_EQ(report_of(task).reason, "unable to find user x: no matching entries in passwd file");
}

TEST(TaskReport, OutOfMemoryIsSeenInAnySpelling) {
  aws::Task task = task_in("STOPPED");
  task.containers[0].exit_code = 137;
  task.containers[0].reason = "OutOfMemoryError: container killed due to memory usage";
  EXPECT_TRUE(report_of(task).out_of_memory);
}

class WatcherTest : public testing::Test, public core::TaskObserver {
 protected:
  explicit WatcherTest(WatcherSettings settings = {.cluster = "c"}, bool are_public = false)
      : watcher_(clock_, ecs_, std::move(settings), are_public ? &public_addresses_ : nullptr) {}

  void task_changed(TaskReport report) override { reports_.push_back(std::move(report)); }

  void SetUp() override {
    watcher_.report_to(*this);
    tasks_.spawn("watch", watcher_.run());
  }
  void TearDown() override { test::run(loop_, tasks_.join()); }

  void answer(const std::string& body) { imposter_.on("/", {.status = 200, .body = body}); }
  core::Launch launch_now(const std::string& number) const {
    return {.id = "l" + number, .task = "t" + number, .requested_at = clock_.now().time_since_epoch().count()};
  }

  // Lets the time pass, and then happen what follows from it until the condition holds.
  template <typename Condition>
  void pass(Clock::Duration time, Condition holds) {
    clock_.advance(time);
    while (!holds()) loop_.run_one();
  }

  asio::io_context loop_;
  test::ManualClock clock_{loop_.get_executor()};
  test::HttpImposter imposter_{loop_};
  http::Client http_{loop_.get_executor()};
  aws::StaticCredentials credentials_{{.access_key_id = "a", .secret_access_key = Secret("b")}};
  aws::Client client_{http_, clock_, credentials_, {.region = "us-east-1", .endpoints = {.url = imposter_.url()}}};
  aws::Ecs ecs_{client_};
  PublicAddresses public_addresses_{client_};
  Watcher watcher_;
  TaskGroup tasks_{loop_.get_executor()};
  std::vector<TaskReport> reports_;
};

TEST_F(WatcherTest, ReportsWhatItSees) {
  answer(R"({"tasks":[{"taskArn":"t1","lastStatus":"RUNNING","version":2,"containers":[{"name":"main"}]}]})");
  watcher_.watch("c1", launch_now("1"));
  loop_.poll();
  pass(30ms, [&] { return !reports_.empty(); });
  EXPECT_EQ(reports_[0].container_id, "c1");
  EXPECT_EQ(reports_[0].launch_id, "l1");
  EXPECT_EQ(reports_[0].phase, TaskReport::Phase::running);
}

constexpr auto kPending = R"({"tasks":[{"taskArn":"t1","lastStatus":"PENDING","version":1,"attachments":[
    {"type":"ElasticNetworkInterface","details":[{"name":"privateIPv4Address","value":"10.0.0.7"}]}]}]})";

TEST_F(WatcherTest, ALaunchIsReportedWithItsAddress) {
  answer(kPending);
  watcher_.watch("c1", launch_now("1"));
  loop_.poll();
  pass(30ms, [&] { return !reports_.empty(); });
  EXPECT_EQ(reports_[0].phase, TaskReport::Phase::pending);
  EXPECT_EQ(reports_[0].address, "10.0.0.7");
}

class WatcherOfPublicTasksTest : public WatcherTest {
 protected:
  WatcherOfPublicTasksTest() : WatcherTest({.cluster = "c"}, true) {}
};

TEST_F(WatcherOfPublicTasksTest, APrivateAddressIsNoneUntilTheTaskRuns) {
  answer(kPending);
  watcher_.watch("c1", launch_now("1"));
  loop_.poll();
  pass(30ms, [&] { return !reports_.empty(); });
  EXPECT_EQ(reports_[0].address, "");
}

TEST_F(WatcherTest, ATaskThatIsNotVisibleYetIsNotMissing) {
  answer(R"({"tasks":[],"failures":[{"arn":"t1","reason":"MISSING"}]})");
  watcher_.watch("c1", launch_now("1"));
  loop_.poll();
  pass(30ms, [&] { return clock_.pending() == 1 && imposter_.requests().size() == 1; });
  EXPECT_TRUE(reports_.empty());
  pass(61s, [&] { return !reports_.empty(); });
  EXPECT_EQ(reports_[0].phase, TaskReport::Phase::stopped);
  EXPECT_FALSE(reports_[0].exit_code.has_value());
}

TEST_F(WatcherTest, AnOldTaskThatIsMissingIsGone) {
  answer(R"({"tasks":[],"failures":[{"arn":"t1","reason":"MISSING"}]})");
  watcher_.watch("c1", {.id = "l1", .task = "t1", .requested_at = 1});
  loop_.poll();
  pass(30ms, [&] { return !reports_.empty(); });
  EXPECT_EQ(reports_[0].phase, TaskReport::Phase::stopped);
}

TEST_F(WatcherTest, ATaskWhoseAgentIsConnectedIsNotMissing) {
  answer(R"({"tasks":[],"failures":[{"arn":"t1","reason":"MISSING"}]})");
  watcher_.watch("c1", launch_now("1"));
  watcher_.agent_is_connected("l1", true);
  loop_.poll();
  pass(10min, [&] { return clock_.pending() == 1 && imposter_.requests().size() == 1; });
  EXPECT_TRUE(reports_.empty());
}

TEST_F(WatcherTest, ATaskThatWasThereAMomentAgoIsNotMissing) {
  answer(R"({"tasks":[{"taskArn":"t1","lastStatus":"RUNNING","version":2}]})");
  watcher_.watch("c1", {.id = "l1", .task = "t1", .requested_at = 1});
  loop_.poll();
  pass(30ms, [&] { return !reports_.empty() && clock_.pending() == 1; });
  answer(R"({"tasks":[],"failures":[{"arn":"t1","reason":"MISSING"}]})");
  pass(10s, [&] { return clock_.pending() == 1 && imposter_.requests().size() == 2; });
  EXPECT_EQ(reports_.size(), 1u);
  pass(61s, [&] { return reports_.size() == 2; });
  EXPECT_EQ(reports_[1].phase, TaskReport::Phase::stopped);
}

TEST_F(WatcherTest, AsksForAllThatAreDueAtOnce) {
  answer(R"({"tasks":[]})");
  for (int i = 0; i < 50; ++i) {
    const std::string number = std::to_string(i);
    watcher_.watch("c" + number, launch_now(number));
  }
  loop_.poll();
  pass(30ms, [&] { return !imposter_.requests().empty(); });
  for (const char* task : {"t0", "t49"}) {
    EXPECT_NE(imposter_.requests()[0].body.find(std::string("\"") + task + "\""), std::string::npos);
  }
}

class WatcherOfAThousandTest : public WatcherTest {
 protected:
  static constexpr int kTasks = 1000;

  // As where agents call: nobody waits for an early look.
  WatcherOfAThousandTest() : WatcherTest({.cluster = "c", .first_look = 500ms}) {}

  // Runs what is due until the watcher waits again.
  void settle() {
    while (clock_.pending() == 0) loop_.run_one();
    loop_.poll();
  }

  void let_pass(Clock::Duration time, Clock::Duration step) {
    for (Clock::Duration passed{0}; passed < time; passed += step) {
      clock_.advance(step);
      settle();
    }
  }

  // Launched one after the other, so that nothing comes due together by chance.
  void watch_all() {
    std::string body;
    for (int i = 0; i < kTasks; ++i) {
      body += (body.empty() ? "" : ",") +
              (R"({"taskArn":"t)" + std::to_string(i) + R"(","lastStatus":"RUNNING","version":2})");
    }
    answer(R"({"tasks":[)" + body + "]}");
    for (int i = 0; i < kTasks; ++i) {
      const std::string number = std::to_string(i);
      watcher_.watch("c" + number, launch_now(number));
      clock_.advance(7ms);
      loop_.poll();
    }
    let_pass(10s, 500ms);
  }
};

TEST_F(WatcherOfAThousandTest, TenCallsAnInterval) {
  watch_all();
  ASSERT_EQ(reports_.size(), 1000u);
  const auto before = imposter_.requests().size();
  let_pass(10s, 100ms);
  EXPECT_EQ(imposter_.requests().size() - before, 20u) << "two intervals of five seconds";
  EXPECT_EQ(reports_.size(), 1000u) << "nothing has changed";
}

TEST_F(WatcherOfAThousandTest, TenCallsInFiveMinutesWhenAgentsAreConnected) {
  watch_all();
  for (int i = 0; i < kTasks; ++i) {
    clock_.advance(3ms);
    watcher_.agent_is_connected("l" + std::to_string(i), true);
  }
  settle();
  const auto before = imposter_.requests().size();
  let_pass(10min, 1s);
  EXPECT_EQ(imposter_.requests().size() - before, 20u);
}

TEST_F(WatcherTest, AnOlderVersionIsNotReported) {
  answer(R"({"tasks":[{"taskArn":"t1","lastStatus":"RUNNING","version":5}]})");
  watcher_.watch("c1", launch_now("1"));
  loop_.poll();
  pass(30ms, [&] { return !reports_.empty(); });
  answer(R"({"tasks":[{"taskArn":"t1","lastStatus":"PENDING","version":4}]})");
  pass(5s, [&] { return imposter_.requests().size() == 2 && clock_.pending() == 1; });
  EXPECT_EQ(reports_.size(), 1u);
}

}  // namespace
}  // namespace sockerless::ecs
