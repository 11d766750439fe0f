#include "cloud/testing/test_cloud.h"

namespace sockerless::cloud {
namespace {

using std::chrono::seconds;

// Containers that wait for each other, and health checks.
class TaskOrderTest : public test::TestCloud {
 protected:
  // "app" waits for "db" to become healthy; `db` are more members of db's definition.
  std::string run_app_behind_db(const std::string& db = "") {
    register_task(R"([{"name":"app","image":"busybox","dependsOn":[{"containerName":"db","condition":"HEALTHY"}]},
                      {"name":"db","image":"busybox",)" +
                  db + R"("healthCheck":{"command":["CMD-SHELL","probe"],"interval":10,"retries":2}}])");
    return run_task();
  }

  void pass(seconds time) {
    clock_.advance(time);
    settle();
  }

  std::string health(const std::string& arn, std::size_t container) {
    return text(describe(arn).at("containers").at(container).at("healthStatus"));
  }

  std::string status(const std::string& arn) { return text(describe(arn).at("lastStatus")); }
};

TEST_F(TaskOrderTest, WaitsUntilTheDependencyIsHealthy) {
  const std::string arn = run_app_behind_db();
  EXPECT_EQ(machine_.start_order, std::vector<std::string>{"db"});
  EXPECT_EQ(health(arn, 1), "UNKNOWN");
  pass(seconds(9));
  EXPECT_EQ(machine_.start_order.size(), 1u);
  pass(seconds(1));
  EXPECT_EQ(health(arn, 1), "HEALTHY");
  EXPECT_EQ(machine_.start_order, (std::vector<std::string>{"db", "app"}));
  EXPECT_EQ(status(arn), "RUNNING");
  EXPECT_EQ(text(describe(arn).at("healthStatus")), "HEALTHY");
}

TEST_F(TaskOrderTest, AnUnhealthyDependencyMayYetBecomeHealthy) {
  machine_.probe_codes["db"] = 1;
  const std::string arn = run_app_behind_db();
  pass(seconds(10));
  EXPECT_EQ(health(arn, 1), "UNKNOWN");
  pass(seconds(10));
  EXPECT_EQ(health(arn, 1), "UNHEALTHY");
  EXPECT_EQ(text(describe(arn).at("healthStatus")), "UNHEALTHY");
  EXPECT_EQ(status(arn), "ACTIVATING");
  machine_.probe_codes["db"] = 0;
  pass(seconds(10));
  EXPECT_EQ(status(arn), "RUNNING");
}

TEST_F(TaskOrderTest, ADependencyThatEndsFirstFailsTheTask) {
  const std::string arn = run_app_behind_db(R"("essential":false,)");
  machine_.end("db", 0);
  settle();
  const auto task = describe(arn);
  EXPECT_EQ(text(task.at("stopCode")), "TaskFailedToStart");
  EXPECT_EQ(text(task.at("containers").at(0).at("reason")),
            "CannotStartContainerError: dependency db did not reach HEALTHY");
}

TEST_F(TaskOrderTest, TheStartTimeoutOfTheDependencyEndsTheWait) {
  machine_.probe_codes["db"] = 1;
  const std::string arn = run_app_behind_db(R"("startTimeout":15,)");
  pass(seconds(14));
  EXPECT_EQ(status(arn), "ACTIVATING");
  pass(seconds(1));
  const auto task = describe(arn);
  EXPECT_EQ(text(task.at("lastStatus")), "STOPPED");
  EXPECT_EQ(text(task.at("stopCode")), "TaskFailedToStart");
  EXPECT_EQ(text(task.at("containers").at(0).at("reason")),
            "CannotStartContainerError: dependency graph: container ordering dependency [db] for target [app] has "
            "timed out.");
  EXPECT_EQ(machine_.start_order, std::vector<std::string>{"db"});
}

TEST_F(TaskOrderTest, AnUnhealthyTaskRunsOn) {
  register_task(R"([{"name":"main","image":"busybox",
                     "healthCheck":{"command":["CMD","probe"],"interval":5,"retries":1}}])");
  machine_.probe_codes["main"] = 1;
  const std::string arn = run_task();
  pass(seconds(5));
  EXPECT_EQ(health(arn, 0), "UNHEALTHY");
  EXPECT_EQ(status(arn), "RUNNING");
}

TEST_F(TaskOrderTest, OnlyEssentialContainersMakeTheTasksHealth) {
  register_task(R"([{"name":"main","image":"busybox"},
                    {"name":"side","image":"busybox","essential":false,
                     "healthCheck":{"command":["CMD","probe"],"interval":5}}])");
  const std::string arn = run_task();
  pass(seconds(5));
  EXPECT_EQ(health(arn, 1), "HEALTHY");
  EXPECT_EQ(text(describe(arn).at("healthStatus")), "UNKNOWN");
}

TEST_F(TaskOrderTest, StoppingEndsTheChecks) {
  register_task(R"([{"name":"main","image":"busybox","stopTimeout":30,
                     "healthCheck":{"command":["CMD","probe"],"interval":5}}])");
  const std::string arn = run_task();
  machine_.dies_of_term = false;
  stop_task(arn);
  pass(seconds(10));
  EXPECT_EQ(health(arn, 0), "UNKNOWN");
  EXPECT_EQ(status(arn), "STOPPING");
}

TEST_F(TaskOrderTest, StartIsEnoughWhenAskedFor) {
  register_task(R"([{"name":"app","image":"busybox","dependsOn":[{"containerName":"db","condition":"START"}]},
                    {"name":"db","image":"busybox"}])");
  const std::string arn = run_task();
  EXPECT_EQ(machine_.start_order, (std::vector<std::string>{"db", "app"}));
  EXPECT_EQ(status(arn), "RUNNING");
}

TEST_F(TaskOrderTest, CompleteTakesAnyExitCode) {
  register_task(R"([{"name":"app","image":"busybox","dependsOn":[{"containerName":"init","condition":"COMPLETE"}]},
                    {"name":"init","image":"busybox","essential":false}])");
  const std::string arn = run_task();
  machine_.end("init", 7);
  settle();
  EXPECT_EQ(status(arn), "RUNNING");
}

TEST_F(TaskOrderTest, TheDescribedCheckHasItsDefaults) {
  register_task(R"([{"name":"main","image":"busybox","healthCheck":{"command":["CMD","probe"]}}])");
  const auto check = ecs("DescribeTaskDefinition", R"({"taskDefinition":"web"})")
                         .at("taskDefinition")
                         .at("containerDefinitions")
                         .at(0)
                         .at("healthCheck");
  EXPECT_EQ(check.at("interval").as_int64(), 30);
  EXPECT_EQ(check.at("timeout").as_int64(), 5);
  EXPECT_EQ(check.at("retries").as_int64(), 3);
}

TEST_F(TaskOrderTest, ACheckMustSayHowItIsRun) {
  const auto error = [&](const std::string& command) {
    return ecs_error("RegisterTaskDefinition",
                     R"({"family":"web","networkMode":"awsvpc","cpu":"256","memory":"512",
                         "requiresCompatibilities":["FARGATE"],"containerDefinitions":[
                         {"name":"main","image":"busybox","healthCheck":{"command":)" +
                         command + "}}]}");
  };
  EXPECT_EQ(error(R"(["CMD-SHELL","true"])"), "");
  EXPECT_EQ(error(R"(["NONE"])"), "");
  for (const char* wrong : {R"(["true"])", R"(["CMD"])"}) {
    EXPECT_EQ(error(wrong),
              "ClientException: Invalid 'healthCheck' setting for container 'main'. The command must begin with CMD or "
              "CMD-SHELL.");
  }
  EXPECT_EQ(error("[]"), "ClientException: Health check command must not be empty");
}

}  // namespace
}  // namespace sockerless::cloud
