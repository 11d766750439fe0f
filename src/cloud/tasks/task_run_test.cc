#include <csignal>
#include <filesystem>
#include <fstream>

#include "cloud/testing/test_cloud.h"

namespace sockerless::cloud {
namespace {

class TaskRunTest : public test::TestCloud {
 protected:
  static std::string logging(const std::string& more = "") {
    return R"("logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/g",)" + more +
           R"("awslogs-region":"us-east-1","awslogs-stream-prefix":"p"}})";
  }

  static json::Value container(const json::Value& task, std::size_t index = 0) {
    return task.at("containers").at(index);
  }
};

TEST_F(TaskRunTest, RunsWithoutWaitingForTime) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  const auto task = describe(run_task());
  EXPECT_EQ(text(task.at("lastStatus")), "RUNNING");
  EXPECT_EQ(text(task.at("connectivity")), "CONNECTED");
  EXPECT_EQ(text(task.at("attachments").at(0).at("status")), "ATTACHED");
  EXPECT_EQ(text(container(task).at("lastStatus")), "RUNNING");
  EXPECT_EQ(text(container(task).at("networkInterfaces").at(0).at("privateIpv4Address")), "10.213.0.2");
  for (const char* time : {"createdAt", "connectivityAt", "pullStartedAt", "pullStoppedAt", "startedAt"}) {
    EXPECT_TRUE(task.as_object().contains(time)) << time;
  }
}

TEST_F(TaskRunTest, EndsWithItsEssentialContainer) {
  register_task(R"([{"name":"main","image":"busybox"},
                    {"name":"side","image":"busybox","essential":false}])");
  const std::string arn = run_task();
  machine_.end("main", 3);
  settle();
  const auto task = describe(arn);
  EXPECT_EQ(text(task.at("lastStatus")), "STOPPED");
  EXPECT_EQ(text(task.at("stopCode")), "EssentialContainerExited");
  EXPECT_EQ(text(task.at("stoppedReason")), "Essential container in task exited");
  EXPECT_EQ(container(task, 0).at("exitCode").as_int64(), 3);
  EXPECT_EQ(container(task, 1).at("exitCode").as_int64(), 128 + SIGTERM);
}

TEST_F(TaskRunTest, ANonEssentialContainerMayEnd) {
  register_task(R"([{"name":"main","image":"busybox"},
                    {"name":"side","image":"busybox","essential":false}])");
  const std::string arn = run_task();
  machine_.end("side", 1);
  settle();
  EXPECT_EQ(text(describe(arn).at("lastStatus")), "RUNNING");
}

TEST_F(TaskRunTest, StopKillsAfterTheContainersTime) {
  register_task(R"([{"name":"main","image":"busybox","stopTimeout":10}])");
  machine_.dies_of_term = false;
  const std::string arn = run_task();
  stop_task(arn);
  EXPECT_EQ(machine_.container("main").signals, std::vector<int>{SIGTERM});
  EXPECT_EQ(text(describe(arn).at("lastStatus")), "STOPPING");
  clock_.advance(std::chrono::seconds(9));
  settle();
  EXPECT_EQ(text(describe(arn).at("lastStatus")), "STOPPING");
  clock_.advance(std::chrono::seconds(1));
  settle();
  EXPECT_EQ(machine_.container("main").signals, (std::vector<int>{SIGTERM, SIGKILL}));
  const auto task = describe(arn);
  EXPECT_EQ(text(task.at("lastStatus")), "STOPPED");
  EXPECT_EQ(text(task.at("stopCode")), "UserInitiated");
  EXPECT_EQ(text(task.at("stoppedReason")), "Task stopped by user");
  EXPECT_EQ(container(task).at("exitCode").as_int64(), 137);
}

TEST_F(TaskRunTest, StopDuringThePullEndsAtOnce) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  machine_.holds_pulls = true;
  const std::string arn = run_task();
  EXPECT_EQ(text(describe(arn).at("lastStatus")), "PENDING");
  stop_task(arn);
  const auto task = describe(arn);
  EXPECT_EQ(text(task.at("lastStatus")), "STOPPED");
  EXPECT_FALSE(container(task).as_object().contains("exitCode"));
  EXPECT_FALSE(task.as_object().contains("startedAt"));
  machine_.release.set();
  settle();
  EXPECT_TRUE(machine_.start_order.empty());
  EXPECT_EQ(machine_.networks, 0);
}

TEST_F(TaskRunTest, APullThatHangsHoldsNothingUp) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  machine_.holds_pulls = true;
  const std::string arn = run_task();
  sockerless::test::run(loop_, tasks_.shut_down({}));
  EXPECT_TRUE(tasks_.living().empty());
  EXPECT_EQ(machine_.networks, 0);
  EXPECT_FALSE(container(describe(arn)).as_object().contains("reason"));
}

TEST_F(TaskRunTest, AFailedPullIsTheReason) {
  register_task(R"([{"name":"main","image":"nope"}])");
  machine_.pull_errors["nope"] = "CannotPullContainerError: not found";
  const auto task = describe(run_task());
  EXPECT_EQ(text(task.at("lastStatus")), "STOPPED");
  EXPECT_EQ(text(task.at("stopCode")), "TaskFailedToStart");
  EXPECT_EQ(text(task.at("stoppedReason")), "CannotPullContainerError: not found");
  EXPECT_FALSE(container(task).as_object().contains("exitCode"));
}

TEST_F(TaskRunTest, AFailedStartSaysWhyOnTheContainer) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  machine_.start_errors["main"] = "CannotStartContainerError: no such file";
  const auto task = describe(run_task());
  EXPECT_EQ(text(task.at("stopCode")), "TaskFailedToStart");
  EXPECT_EQ(text(task.at("stoppedReason")), "Task failed to start");
  EXPECT_EQ(text(container(task).at("reason")), "CannotStartContainerError: no such file");
  EXPECT_FALSE(container(task).as_object().contains("exitCode"));
}

constexpr auto kDependent = R"([
    {"name":"main","image":"busybox","dependsOn":[{"containerName":"init","condition":"SUCCESS"}]},
    {"name":"init","image":"busybox","essential":false}])";

TEST_F(TaskRunTest, WaitsForADependencysSuccess) {
  register_task(kDependent);
  const std::string arn = run_task();
  EXPECT_EQ(machine_.start_order, std::vector<std::string>{"init"});
  EXPECT_EQ(text(describe(arn).at("lastStatus")), "ACTIVATING");
  machine_.end("init", 0);
  settle();
  EXPECT_EQ(machine_.start_order, (std::vector<std::string>{"init", "main"}));
  EXPECT_EQ(text(describe(arn).at("lastStatus")), "RUNNING");
}

TEST_F(TaskRunTest, ADependencysFailureEndsTheTask) {
  register_task(kDependent);
  const std::string arn = run_task();
  machine_.end("init", 1);
  settle();
  const auto task = describe(arn);
  EXPECT_EQ(text(task.at("lastStatus")), "STOPPED");
  EXPECT_EQ(text(task.at("stopCode")), "TaskFailedToStart");
  EXPECT_FALSE(container(task).as_object().contains("exitCode"));
  EXPECT_EQ(container(task, 1).at("exitCode").as_int64(), 1);
}

TEST_F(TaskRunTest, OutputGoesToTheLogStream) {
  logs("CreateLogGroup", R"({"logGroupName":"/g"})");
  register_task(R"([{"name":"main","image":"busybox",)" + logging() + "}]");
  const std::string arn = run_task();
  const std::string id = arn.substr(arn.rfind('/') + 1);
  machine_.container("main").output(1, "one\ntw");
  machine_.container("main").output(2, "err\n");
  machine_.container("main").output(1, "o");
  machine_.end("main", 0);
  settle();
  const auto answer =
      logs("GetLogEvents", R"({"logGroupName":"/g","logStreamName":"p/main/)" + id + R"(","startFromHead":true})");
  std::vector<std::string> lines;
  for (const auto& event : answer.at("events").as_array()) lines.push_back(text(event.at("message")));
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "err", "two"}));
}

TEST_F(TaskRunTest, AMissingLogGroupFailsTheTask) {
  register_task(R"([{"name":"main","image":"busybox",)" + logging() + "}]");
  const auto task = describe(run_task());
  EXPECT_EQ(text(task.at("stoppedReason")),
            "ResourceInitializationError: failed to validate logger args: create stream has been "
            "retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The "
            "specified log group does not exist. : exit status 1");
}

TEST_F(TaskRunTest, ALogGroupIsMadeWhenAskedFor) {
  register_task(R"([{"name":"main","image":"busybox",)" + logging(R"("awslogs-create-group":"true",)") + "}]");
  EXPECT_EQ(text(describe(run_task()).at("lastStatus")), "RUNNING");
  EXPECT_TRUE(store_.has_group("/g"));
}

TEST_F(TaskRunTest, VolumesAreFolders) {
  std::filesystem::create_directories(folder_ + "/amd64");
  register_task(R"([{"name":"main","image":"busybox","mountPoints":[
                      {"sourceVolume":"own","containerPath":"/data"},
                      {"sourceVolume":"efs","containerPath":"/agent","readOnly":true}]}])",
                R"("volumes":[{"name":"own","host":{}},{"name":"efs","efsVolumeConfiguration":
                   {"fileSystemId":"fs-1","rootDirectory":"/amd64"}}],)");
  const std::string arn = run_task();
  const auto& mounts = machine_.container("main").spec.mounts;
  ASSERT_EQ(mounts.size(), 2u);
  EXPECT_TRUE(std::filesystem::is_directory(mounts[0].source));
  EXPECT_EQ(mounts[1].source, std::filesystem::canonical(folder_ + "/amd64").string());
  EXPECT_TRUE(mounts[1].read_only);
}

TEST_F(TaskRunTest, AnUnknownFileSystemFailsTheTask) {
  for (const char* efs : {R"({"fileSystemId":"fs-2"})", R"({"fileSystemId":"fs-1","rootDirectory":"/../../etc"})",
                          R"({"fileSystemId":"fs-1","rootDirectory":"/nope"})"}) {
    register_task(R"([{"name":"main","image":"busybox","mountPoints":[
                        {"sourceVolume":"efs","containerPath":"/agent"}]}])",
                  std::string(R"("volumes":[{"name":"efs","efsVolumeConfiguration":)") + efs + "}],");
    const auto task = describe(run_task());
    EXPECT_EQ(text(task.at("stoppedReason")).find("ResourceInitializationError: failed to invoke EFS"), 0u) << efs;
  }
}

TEST_F(TaskRunTest, ShuttingDownLeavesNothing) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  run_task();
  run_task();
  sockerless::test::run(loop_, tasks_.shut_down(std::chrono::seconds(2)));
  EXPECT_EQ(machine_.networks, 0);
  EXPECT_EQ(machine_.removed.size(), 2u);
}

TEST_F(TaskRunTest, VersionsOnlyGrow) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  const std::string arn = run_task();
  const auto running = describe(arn).at("version").as_int64();
  stop_task(arn);
  EXPECT_GT(describe(arn).at("version").as_int64(), running);
}

}  // namespace
}  // namespace sockerless::cloud
