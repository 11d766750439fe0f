#include "ecs/fargate_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "base/open_outcome.h"
#include "tests/support/http_imposter.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::ecs {
namespace {

using testing::HasSubstr;

class FargateBackendTest : public testing::Test {
 protected:
  void answer(const std::string& body) { imposter_.answer({.status = 200, .body = body}); }
  void refuse(const std::string& code, const std::string& text) {
    imposter_.answer({.status = 400, .body = R"({"__type":")" + code + R"(","message":")" + text + "\"}"});
  }
  std::string target(std::size_t call) const {
    const std::string whole = imposter_.requests().at(call).header("x-amz-target");
    return whole.substr(whole.find('.') + 1);
  }

  static core::Container container() {
    core::Container made;
    made.id = std::string(64, 'a');
    made.path = "true";
    made.definition = "arn:definition:1";
    made.config.hostname = made.short_id();
    return made;
  }

  asio::io_context loop_;
  test::ManualClock clock_{loop_.get_executor(), test::ManualClock::Mode::skip_waits};
  test::HttpImposter imposter_{loop_};
  http::Client http_{loop_.get_executor()};
  aws::StaticCredentials credentials_{{.access_key_id = "a", .secret_access_key = Secret("b")}};
  aws::Client client_{http_, clock_, credentials_, {.region = "us-east-1", .endpoints = {.url = imposter_.url()}}};
  FargateBackend backend_{loop_.get_executor(), clock_, client_, {.cluster = "c", .log_group = "g"}};
  core::Launch launch_{.id = "l", .client_token = "token", .task = "arn:task/c/1"};
};

TEST_F(FargateBackendTest, LaunchReturnsTheTask) {
  answer(R"({"tasks":[{"taskArn":"arn:task/c/1"}],"failures":[]})");
  const auto launched = test::run(loop_, backend_.launch(container(), launch_));
  EXPECT_EQ(launched.task, "arn:task/c/1");
  EXPECT_EQ(launched.definition, "arn:definition:1");
  EXPECT_THAT(imposter_.requests()[0].body, HasSubstr("\"clientToken\":\"token\""));
}

TEST_F(FargateBackendTest, SpotWithoutRoomFallsBackOnlyWhereThatWasAskedFor) {
  auto cheap = container();
  cheap.config.labels["sockerless.capacity"] = "spot-fallback";
  answer(R"({"tasks":[],"failures":[{"reason":"Capacity is unavailable at this time."}]})");
  answer(R"({"tasks":[{"taskArn":"arn:task/c/2"}],"failures":[]})");
  EXPECT_EQ(test::run(loop_, backend_.launch(cheap, launch_)).task, "arn:task/c/2");
  EXPECT_THAT(imposter_.requests()[0].body, HasSubstr("FARGATE_SPOT"));
  EXPECT_THAT(imposter_.requests()[1].body, HasSubstr("\"launchType\":\"FARGATE\""));
  cheap.config.labels["sockerless.capacity"] = "spot";
  answer(R"({"tasks":[],"failures":[{"reason":"Capacity is unavailable at this time."}]})");
  EXPECT_THROW(test::run(loop_, backend_.launch(cheap, launch_)), Error);
  EXPECT_EQ(imposter_.requests().size(), 3u);
}

TEST_F(FargateBackendTest, AFailureWithStatus200IsAFailure) {
  answer(R"({"tasks":[],"failures":[{"reason":"Capacity is unavailable at this time."}]})");
  try {
    test::run(loop_, backend_.launch(container(), launch_));
    FAIL() << "launched";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Capacity is unavailable at this time."));
    EXPECT_THAT(error.what(), HasSubstr("try again later"));
    EXPECT_FALSE(outcome_is_open(error));
  }
}

TEST_F(FargateBackendTest, ADefinitionThatIsGoneIsRegisteredAnew) {
  refuse("ClientException", "TaskDefinition not found.");
  answer(R"({"taskDefinition":{"taskDefinitionArn":"arn:definition:2"}})");
  answer(R"({"tasks":[{"taskArn":"arn:task/c/2"}]})");
  const auto launched = test::run(loop_, backend_.launch(container(), launch_));
  EXPECT_EQ(launched.task, "arn:task/c/2");
  EXPECT_EQ(launched.definition, "arn:definition:2");
  EXPECT_EQ(target(1), "RegisterTaskDefinition");
}

TEST_F(FargateBackendTest, ARefusalAfterALostAnswerDoesNotSayThatThereIsNoTask) {
  imposter_.answer({.drop = true});
  refuse("ClientException", "TaskDefinition not found.");
  try {
    test::run(loop_, backend_.launch(container(), launch_));
    FAIL() << "launched";
  } catch (const Error& error) {
    EXPECT_TRUE(outcome_is_open(error));
  }
  EXPECT_EQ(imposter_.requests().size(), 2u) << "nothing is registered anew";
}

TEST_F(FargateBackendTest, ATaskThatIsGoneHasStopped) {
  refuse("InvalidParameterException", "The referenced task was not found.");
  EXPECT_NO_THROW(test::run(loop_, backend_.stop("arn:task/c/1", "r")));
}

TEST_F(FargateBackendTest, AnotherRefusalToStopIsAnError) {
  refuse("AccessDeniedException", "not authorized to perform ecs:StopTask");
  EXPECT_THROW(test::run(loop_, backend_.stop("arn:task/c/1", "r")), Error);
}

TEST_F(FargateBackendTest, ADefinitionThatIsGoneNeedsNoDeregistering) {
  refuse("ClientException", "The specified task definition does not exist.");
  EXPECT_NO_THROW(test::run(loop_, backend_.deregister("arn:definition:1")));
}

TEST_F(FargateBackendTest, ADefinitionWhoseDeregisteringIsThrottledIsNotGone) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    refuse("ClientException", "Too many concurrent attempts to create a new revision of the specified family.");
  }
  EXPECT_THROW(test::run(loop_, backend_.deregister("arn:definition:1")), Error);
}

TEST_F(FargateBackendTest, ALostTaskIsFoundByItsLaunch) {
  answer(R"({"taskArns":[]})");
  answer(R"({"taskArns":["arn:task/c/9"]})");
  EXPECT_EQ(test::run(loop_, backend_.find_task(launch_)), "arn:task/c/9");
  EXPECT_THAT(imposter_.requests()[0].body, HasSubstr("\"startedBy\":\"l\""));
}

TEST_F(FargateBackendTest, LogsEndWhereTheTokenStaysTheSame) {
  answer(R"({"events":[{"timestamp":1000,"message":"a"}],"nextForwardToken":"f/1"})");
  answer(R"({"events":[],"nextForwardToken":"f/1"})");
  const core::LogQuery first{.container_id = container().id, .task = "arn:task/c/1"};
  const auto page = test::run(loop_, backend_.read_logs(first));
  ASSERT_EQ(page.events.size(), 1u);
  EXPECT_FALSE(page.at_end);
  core::LogQuery second = first;
  second.cursor = page.cursor;
  EXPECT_TRUE(test::run(loop_, backend_.read_logs(second)).at_end);
  EXPECT_THAT(imposter_.requests()[0].body, HasSubstr("\"logStreamName\":\"aaaaaaaaaaaa/main/1\""));
}

TEST_F(FargateBackendTest, AStreamThatIsNotThereYetIsEmpty) {
  refuse("ResourceNotFoundException", "The specified log stream does not exist.");
  const auto page = test::run(loop_, backend_.read_logs({.container_id = container().id, .task = "arn:task/c/1"}));
  EXPECT_TRUE(page.events.empty());
  EXPECT_TRUE(page.at_end);
}

}  // namespace
}  // namespace sockerless::ecs
