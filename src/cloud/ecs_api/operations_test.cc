#include <fmt/format.h>

#include <set>

#include "cloud/testing/test_cloud.h"

namespace sockerless::cloud::ecs {
namespace {

class EcsTest : public test::TestCloud {
 protected:
  EcsTest() { register_task(R"([{"name":"main","image":"busybox"}])"); }
};

TEST_F(EcsTest, RevisionsCountUpAndAreNeverUsedAgain) {
  ecs("DeregisterTaskDefinition", R"({"taskDefinition":"web:1"})");
  register_task(R"([{"name":"main","image":"busybox"}])");
  const auto latest = ecs("DescribeTaskDefinition", R"({"taskDefinition":"web"})");
  EXPECT_EQ(text(latest.at("taskDefinition").at("taskDefinitionArn")),
            "arn:aws:ecs:us-east-1:000000000000:task-definition/web:2");
  EXPECT_EQ(text(ecs("DescribeTaskDefinition", R"({"taskDefinition":"web:1"})").at("taskDefinition").at("status")),
            "INACTIVE");
}

TEST_F(EcsTest, AClusterWithTasksIsNotDeleted) {
  register_task(R"([{"name":"main","image":"busybox"}])");
  const std::string arn = run_task();
  EXPECT_EQ(ecs_error("DeleteCluster", R"({"cluster":"sockerless"})"),
            "ClusterContainsTasksException: The Cluster cannot be deleted while Tasks are active.");
  stop_task(arn);
  EXPECT_EQ(text(ecs("DeleteCluster", R"({"cluster":"sockerless"})").at("cluster").at("status")), "INACTIVE");
  EXPECT_EQ(text(ecs("DescribeClusters", R"({"clusters":["sockerless"]})").at("clusters").at(0).at("status")),
            "INACTIVE");
  EXPECT_TRUE(ecs("ListClusters", "{}").at("clusterArns").as_array().empty());
  EXPECT_EQ(ecs_error("RunTask", run_request()), "ClusterNotFoundException: Cluster not found.");
  EXPECT_EQ(ecs_error("DeleteCluster", R"({"cluster":"sockerless"})"), "ClusterNotFoundException: Cluster not found.");
  ecs("CreateCluster", R"({"clusterName":"sockerless"})");
  EXPECT_EQ(ecs("ListClusters", "{}").at("clusterArns").as_array().size(), 1u);
}

TEST_F(EcsTest, AClusterIsCheckedAndShownAsAskedFor) {
  const auto error = [&](const std::string& more) {
    return ecs_error("CreateCluster", R"({"clusterName":"new",)" + more + "}");
  };
  EXPECT_EQ(error(R"("settings":[{"name":"containerInsights","value":"on"}])"),
            "InvalidParameterException: containerInsights should be one of [enabled, disabled, enhanced].");
  EXPECT_NE(error(R"("capacityProviders":["FARGATE"],
                     "defaultCapacityProviderStrategy":[{"capacityProvider":"FARGATE_SPOT"}])"),
            "");
  EXPECT_EQ(error(R"("configuration":{"executeCommandConfiguration":{"logging":"NONE"}},
                     "settings":[{"name":"containerInsights","value":"enhanced"}])"),
            "");
  const auto described = [&](const std::string& include) {
    return ecs("DescribeClusters", R"({"clusters":["new"],"include":[)" + include + "]}").at("clusters").at(0);
  };
  EXPECT_FALSE(described("").as_object().contains("configuration"));
  EXPECT_TRUE(described("\"CONFIGURATIONS\"").as_object().contains("configuration"));
  EXPECT_EQ(text(described("\"SETTINGS\"").at("settings").at(0).at("value")), "enhanced");
}

TEST_F(EcsTest, UnknownDefinitionsHaveTheirWords) {
  EXPECT_EQ(ecs_error("DescribeTaskDefinition", R"({"taskDefinition":"nope"})"),
            "ClientException: Unable to describe task definition.");
  EXPECT_EQ(ecs_error("RunTask", R"({"cluster":"sockerless","taskDefinition":"nope"})"),
            "ClientException: TaskDefinition not found.");
}

TEST_F(EcsTest, OnlyInactiveDefinitionsAreDeleted) {
  const auto refused = ecs("DeleteTaskDefinitions", R"({"taskDefinitions":["web:1","web:7"]})");
  EXPECT_EQ(refused.at("taskDefinitions").as_array().size(), 0u);
  ASSERT_EQ(refused.at("failures").as_array().size(), 2u);
  EXPECT_EQ(text(refused.at("failures").at(1).at("reason")), "The specified task definition does not exist.");

  ecs("DeregisterTaskDefinition", R"({"taskDefinition":"web:1"})");
  const auto deleted = ecs("DeleteTaskDefinitions", R"({"taskDefinitions":["web:1"]})");
  EXPECT_EQ(text(deleted.at("taskDefinitions").at(0).at("status")), "DELETE_IN_PROGRESS");
  EXPECT_EQ(ecs_error("RunTask", R"({"cluster":"sockerless","taskDefinition":"web:1"})"),
            "ClientException: TaskDefinition is inactive");
  register_task(R"([{"name":"main","image":"busybox"}])");
  EXPECT_EQ(ecs("DescribeTaskDefinition", R"({"taskDefinition":"web"})").at("taskDefinition").at("revision").as_int64(),
            2);
}

TEST_F(EcsTest, AnInactiveDefinitionDoesNotRun) {
  ecs("DeregisterTaskDefinition", R"({"taskDefinition":"web:1"})");
  EXPECT_EQ(ecs_error("RunTask", R"({"cluster":"sockerless","taskDefinition":"web:1"})"),
            "ClientException: TaskDefinition is inactive");
}

TEST_F(EcsTest, RunTaskChecksItsArguments) {
  EXPECT_EQ(ecs_error("RunTask", R"({"taskDefinition":"web","launchType":"FARGATE"})"),
            "ClusterNotFoundException: Cluster not found.");
  EXPECT_EQ(ecs_error("RunTask", R"({"cluster":"sockerless","taskDefinition":"web","launchType":"FARGATE"})"),
            "InvalidParameterException: Network Configuration must be provided when networkMode "
            "'awsvpc' is specified.");
  EXPECT_EQ(ecs_error("RunTask", run_request(R"("count":11,)")),
            "InvalidParameterException: count must be between 1 and 10.");
  EXPECT_EQ(ecs_error("RunTask", run_request(R"("overrides":{"containerOverrides":[{"name":"x"}]},)")),
            "InvalidParameterException: Override for container named x is not a container in the "
            "TaskDefinition.");
  const std::string big(8192, 'x');
  EXPECT_EQ(ecs_error("RunTask", run_request(R"("overrides":{"containerOverrides":[{"name":"main","command":[")" + big +
                                             R"("]}]},)")),
            "InvalidParameterException: Container Overrides length must be at most 8192");
}

TEST_F(EcsTest, WronglyTypedInputIsASerializationException) {
  EXPECT_EQ(ecs_error("RunTask", R"({"count":"two"})"), "SerializationException: count: expected an integer");
}

TEST_F(EcsTest, TheSameTokenStartsNothingNew) {
  const auto first = ecs("RunTask", run_request(R"("clientToken":"t1",)"));
  const auto again = ecs("RunTask", run_request(R"("clientToken":"t1",)"));
  EXPECT_EQ(text(first.at("tasks").at(0).at("taskArn")), text(again.at("tasks").at(0).at("taskArn")));
  EXPECT_EQ(tasks_.all().size(), 1u);
}

TEST_F(EcsTest, TheSameTokenForAnotherRequestIsAConflict) {
  const auto first = ecs("RunTask", run_request(R"("clientToken":"t1",)"));
  try {
    ecs("RunTask", run_request(R"("clientToken":"t1","startedBy":"me",)"));
    FAIL();
  } catch (const ApiError& error) {
    EXPECT_EQ(error.code(), "ConflictException");
    EXPECT_EQ(error.resource_ids, std::vector<std::string>{text(first.at("tasks").at(0).at("taskArn"))});
  }
}

TEST_F(EcsTest, ListsTasksInPages) {
  ecs("RunTask", run_request(R"("count":10,)"));
  std::set<std::string> seen;
  std::string token;
  int pages = 0;
  do {
    const auto page =
        ecs("ListTasks", fmt::format(R"({{"cluster":"sockerless","maxResults":4,"nextToken":"{}"}})", token));
    for (const auto& arn : page.at("taskArns").as_array()) seen.insert(text(arn));
    const auto* next = page.as_object().if_contains("nextToken");
    token = next != nullptr ? text(*next) : "";
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), 10u);
  EXPECT_EQ(ecs_error("ListTasks", R"({"cluster":"sockerless","nextToken":"zzz"})"),
            "InvalidParameterException: Invalid token.");
}

TEST_F(EcsTest, ListsByWhoStartedAndByState) {
  run_task(R"("startedBy":"me",)");
  const std::string arn = run_task();
  const auto mine = ecs("ListTasks", R"({"cluster":"sockerless","startedBy":"me"})");
  EXPECT_EQ(mine.at("taskArns").as_array().size(), 1u);
  stop_task(arn);
  const auto stopped = ecs("ListTasks", R"({"cluster":"sockerless","desiredStatus":"STOPPED"})");
  ASSERT_EQ(stopped.at("taskArns").as_array().size(), 1u);
  EXPECT_EQ(text(stopped.at("taskArns").at(0)), arn);
}

TEST_F(EcsTest, UnknownTasksAreFailures) {
  const auto answer = ecs("DescribeTasks", R"({"cluster":"sockerless","tasks":["abc"]})");
  EXPECT_EQ(text(answer.at("failures").at(0).at("reason")), "MISSING");
  EXPECT_EQ(text(answer.at("failures").at(0).at("arn")), "arn:aws:ecs:us-east-1:000000000000:task/sockerless/abc");
  EXPECT_EQ(ecs_error("StopTask", R"({"cluster":"sockerless","task":"abc"})"),
            "InvalidParameterException: The referenced task was not found.");
  EXPECT_EQ(ecs_error("DescribeTasks", R"({"cluster":"sockerless","tasks":[]})"),
            "InvalidParameterException: Tasks cannot be empty.");
}

TEST_F(EcsTest, ANewTaskCanBeMissingForAWhile) {
  faults_.change(json::parse_value(R"({"describesToMiss":2})"));
  const std::string arn = run_task();
  const std::string request = R"({"cluster":"sockerless","tasks":[")" + arn + "\"]}";
  EXPECT_EQ(ecs("DescribeTasks", request).at("tasks").as_array().size(), 0u);
  EXPECT_EQ(ecs("DescribeTasks", request).at("failures").as_array().size(), 1u);
  EXPECT_EQ(ecs("DescribeTasks", request).at("tasks").as_array().size(), 1u);
}

TEST_F(EcsTest, CapacityFailuresComeWithASuccess) {
  faults_.change(json::parse_value(R"({"capacity":{"rate":1,"count":1}})"));
  const auto answer = ecs("RunTask", run_request());
  EXPECT_EQ(answer.at("tasks").as_array().size(), 0u);
  EXPECT_EQ(text(answer.at("failures").at(0).at("reason")).find("Capacity is unavailable"), 0u);
  EXPECT_EQ(ecs("RunTask", run_request()).at("tasks").as_array().size(), 1u);
}

TEST_F(EcsTest, TagsOfARunningTaskChange) {
  const std::string arn = run_task(R"("tags":[{"key":"a","value":"1"}],)");
  ecs("TagResource", R"({"resourceArn":")" + arn + R"(","tags":[{"key":"b","value":"2"}]})");
  ecs("UntagResource", R"({"resourceArn":")" + arn + R"(","tagKeys":["a"]})");
  const auto tags = describe(arn).at("tags").as_array();
  ASSERT_EQ(tags.size(), 1u);
  EXPECT_EQ(text(tags[0].at("key")), "b");
  EXPECT_EQ(ecs_error("TagResource", R"({"resourceArn":")" + arn + R"(","tags":[{"key":"aws:x","value":""}]})"),
            "InvalidParameterException: Tag keys cannot begin with 'aws:'.");
}

TEST_F(EcsTest, StoppedTasksAreForgottenAfterAnHour) {
  const std::string arn = run_task();
  stop_task(arn);
  // Its folder is removed on a worker thread.
  while (text(describe(arn).at("lastStatus")) != "STOPPED" || !tasks_.living().empty()) loop_.run_one();
  clock_.advance(std::chrono::minutes(59));
  EXPECT_EQ(text(describe(arn).at("lastStatus")), "STOPPED");
  clock_.advance(std::chrono::minutes(2));
  const auto answer = ecs("DescribeTasks", R"({"cluster":"sockerless","tasks":[")" + arn + "\"]}");
  EXPECT_EQ(answer.at("failures").as_array().size(), 1u);
}

}  // namespace
}  // namespace sockerless::cloud::ecs
