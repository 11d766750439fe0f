#include "aws/ecs.h"

#include <gtest/gtest.h>

#include "aws/logs.h"
#include "tests/support/http_imposter.h"
#include "tests/support/run.h"

namespace sockerless::aws {
namespace {

TEST(TaskDefinition, IsSentWithoutEmptyMembersButWithMeaningfulZeros) {
  RegisterTaskDefinitionRequest request;
  request.family = "sockerless-0123456789ab";
  request.network_mode = "awsvpc";
  request.volumes.push_back({.name = "data", .host = HostVolume{}});
  request.volumes.push_back(
      {.name = "agent", .efs_volume_configuration = EfsVolumeConfiguration{.file_system_id = "fs-1"}});
  ContainerDefinition main{.name = "main", .image = "busybox"};
  main.essential = false;
  main.environment = {{"EMPTY", ""}};
  main.ulimits = {{.name = "core"}};
  main.linux_parameters = LinuxParameters{.init_process_enabled = true};
  request.container_definitions.push_back(main);
  EXPECT_EQ(
      json::to_text(request),
      R"({"family":"sockerless-0123456789ab","networkMode":"awsvpc","containerDefinitions":[{"name":"main",)"
      R"("image":"busybox","essential":false,"environment":[{"name":"EMPTY","value":""}],)"
      R"("linuxParameters":{"initProcessEnabled":true},"ulimits":[{"name":"core","softLimit":0,"hardLimit":0}]}],)"
      R"("volumes":[{"name":"data","host":{}},{"name":"agent","efsVolumeConfiguration":{"fileSystemId":"fs-1"}}]})");
}

TEST(RunTask, CarriesOverridesNetworkAndTags) {
  RunTaskRequest request{.cluster = "c", .task_definition = "f:1", .launch_type = "FARGATE"};
  request.network_configuration = NetworkConfiguration{
      AwsvpcConfiguration{.subnets = {"subnet-1"}, .security_groups = {"sg-1"}, .assign_public_ip = "ENABLED"}};
  request.overrides = TaskOverride{.container_overrides = {{.name = "main", .environment = {{"A", "1"}}}}};
  request.client_token = "token";
  request.enable_ecs_managed_tags = true;
  request.tags = {{"k", "v"}};
  EXPECT_EQ(json::to_text(request),
            R"({"cluster":"c","taskDefinition":"f:1","launchType":"FARGATE","networkConfiguration":)"
            R"({"awsvpcConfiguration":{"subnets":["subnet-1"],"securityGroups":["sg-1"],"assignPublicIp":"ENABLED"}},)"
            R"("overrides":{"containerOverrides":[{"name":"main","environment":[{"name":"A","value":"1"}]}]},)"
            R"("clientToken":"token","enableECSManagedTags":true,"tags":[{"key":"k","value":"v"}]})");
}

TEST(RunTask, NeedsAClientToken) {
  asio::io_context loop;
  SystemClock clock(loop.get_executor());
  http::Client transport(loop.get_executor());
  StaticCredentials credentials({});
  Client client(transport, clock, credentials, {.region = "r"});
  Ecs ecs(client);
  EXPECT_THROW(test::run(loop, ecs.run_task({.task_definition = "f"})), std::logic_error);
}

TEST(Task, IsReadWithAddressExitCodeAndTimes) {
  const auto task = json::parse<Task>(R"({
    "taskArn":"arn:aws:ecs:us-east-1:1:task/c/0123","lastStatus":"STOPPED","desiredStatus":"STOPPED","version":7,
    "cpu":"256","memory":"512","createdAt":1763900000.123,"stoppedAt":1763900100,"pullStartedAt":null,
    "stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited","unknownMember":{},
    "attachments":[{"type":"ElasticNetworkInterface","status":"ATTACHED","details":[
      {"name":"subnetId","value":"subnet-1"},{"name":"privateIPv4Address","value":"10.0.0.9"}]}],
    "containers":[{"name":"main","exitCode":0,"lastStatus":"STOPPED"},{"name":"other","reason":"never ran"}]})");
  EXPECT_EQ(task.version, 7);
  EXPECT_EQ(task.private_address(), "10.0.0.9");
  EXPECT_DOUBLE_EQ(task.created_at.value(), 1763900000.123);
  EXPECT_DOUBLE_EQ(task.stopped_at.value(), 1763900100);
  EXPECT_FALSE(task.pull_started_at);
  EXPECT_EQ(task.find_container("main")->exit_code, 0);
  EXPECT_EQ(task.find_container("other")->exit_code, std::nullopt);
  EXPECT_EQ(task.find_container("none"), nullptr);
}

TEST(Task, AddressMayStandInItsContainersAlone) {
  const auto task =
      json::parse<Task>(R"({"containers":[{"name":"main","networkInterfaces":[{"privateIpv4Address":"10.0.0.8"}]}]})");
  EXPECT_EQ(task.private_address(), "10.0.0.8");
  EXPECT_EQ(Task{}.private_address(), "");
}

TEST(Logs, ReadsEventsAndTokens) {
  asio::io_context loop;
  test::HttpImposter aws(loop);
  SystemClock clock(loop.get_executor());
  http::Client transport(loop.get_executor());
  StaticCredentials credentials({.access_key_id = "a", .secret_access_key = Secret("s")});
  Client client(transport, clock, credentials, {.region = "r", .endpoints = {.url = aws.url()}});
  Logs logs(client);
  aws.answer({.body = R"({"events":[{"timestamp":1763900000123,"message":"hi","ingestionTime":1}],)"
                      R"("nextForwardToken":"f/1","nextBackwardToken":"b/1"})"});
  const auto page =
      test::run(loop, logs.get_log_events({.log_group_name = "/g", .log_stream_name = "s", .start_from_head = false}));
  EXPECT_EQ(page.events.at(0).message, "hi");
  EXPECT_EQ(page.events.at(0).timestamp, 1763900000123);
  EXPECT_EQ(page.next_forward_token, "f/1");
  EXPECT_EQ(aws.requests().at(0).header("x-amz-target"), "Logs_20140328.GetLogEvents");
  EXPECT_EQ(aws.requests().at(0).body, R"({"logGroupName":"/g","logStreamName":"s","startFromHead":false})");
}

TEST(Logs, CallsThatReturnNothingMayAnswerWithNothing) {
  asio::io_context loop;
  test::HttpImposter aws(loop);
  SystemClock clock(loop.get_executor());
  http::Client transport(loop.get_executor());
  StaticCredentials credentials({.access_key_id = "a", .secret_access_key = Secret("s")});
  Client client(transport, clock, credentials, {.region = "r", .endpoints = {.url = aws.url()}});
  Logs logs(client);
  aws.answer({});
  test::run(loop, logs.put_retention_policy({.log_group_name = "/g", .retention_in_days = 7}));
  EXPECT_EQ(aws.requests().at(0).body, R"({"logGroupName":"/g","retentionInDays":7})");
}

}  // namespace
}  // namespace sockerless::aws
