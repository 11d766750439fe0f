#include "aws/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/ecs.h"
#include "aws/sts.h"
#include "tests/support/http_imposter.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::aws {
namespace {

using namespace std::chrono_literals;
using test::HttpImposter;
using testing::HasSubstr;
using testing::StartsWith;

HttpImposter::Answer refusal(const std::string& code, const std::string& text, int status = 400) {
  return {.status = status,
          .body = R"({"__type":"com.amazonaws.ecs#)" + code + R"(","Message":")" + text + R"("})",
          .headers = {{"x-amzn-RequestId", "req-7"}}};
}

class ClientTest : public testing::Test {
 protected:
  StopTaskResponse stop_task() { return test::run(loop_, ecs_.stop_task({.cluster = "c", .task = "t"})); }

  template <typename Work>
  std::string failure_of(Work work) {
    try {
      work();
    } catch (const Error& error) {
      kind_ = error.kind();
      is_open_ = outcome_is_open(error);
      return error.what();
    }
    return "no failure";
  }

  const HttpImposter::Request& request(std::size_t index) const { return aws_.requests().at(index); }

  asio::io_context loop_;
  HttpImposter aws_{loop_};
  test::ManualClock clock_{loop_.get_executor(), test::ManualClock::Mode::skip_waits};
  http::Client transport_{loop_.get_executor()};
  StaticCredentials credentials_{{.access_key_id = "AKID",
                                  .secret_access_key = Secret("secret"),
                                  .session_token = Secret("token"),
                                  .source = "the test"}};
  Client client_{transport_,
                 clock_,
                 credentials_,
                 {.region = "eu-west-1", .endpoints = {.url = aws_.url()}, .jitter = [] { return 1.0; }}};
  Ecs ecs_{client_};
  ErrorKind kind_ = ErrorKind::internal;
  bool is_open_ = false;
};

TEST_F(ClientTest, SendsSignedJson) {
  aws_.answer({.body = R"({"task":{"taskArn":"arn:t","lastStatus":"RUNNING"}})"});
  EXPECT_EQ(stop_task().task.task_arn, "arn:t");
  const auto& sent = request(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.target.path(), "/");
  EXPECT_EQ(sent.header("content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(sent.header("x-amz-target"), "AmazonEC2ContainerServiceV20141113.StopTask");
  EXPECT_EQ(sent.header("x-amz-date"), "20260101T000000Z");
  EXPECT_EQ(sent.header("x-amz-security-token"), "token");
  EXPECT_EQ(sent.header("amz-sdk-request"), "attempt=1; max=3");
  EXPECT_EQ(sent.header("amz-sdk-invocation-id").size(), 36u);
  EXPECT_EQ(sent.body, R"({"cluster":"c","task":"t"})");
}

// Signs what the server received again: nothing on the way may have changed a signed header.
TEST_F(ClientTest, SignatureFitsWhatArrives) {
  aws_.answer({.body = "{}"});
  stop_task();
  const auto& sent = request(0);
  SignableRequest signable{.body = sent.body};
  for (const char* name : {"host", "content-type", "x-amz-target", "x-amz-date", "x-amz-security-token",
                           "amz-sdk-invocation-id", "amz-sdk-request"}) {
    signable.headers.emplace_back(name, sent.header(name));
  }
  const Credentials without_token{.access_key_id = "AKID", .secret_access_key = Secret("secret")};
  signable.headers.erase(signable.headers.begin() + 3);  // the signer adds the date itself
  const auto expected = sign_headers(signable, without_token, {"eu-west-1", "ecs", clock_.now()});
  EXPECT_EQ(sent.header("authorization"), expected.additions.back().second);
}

TEST_F(ClientTest, RetriesThrottlingWhereverItHides) {
  aws_.answer(refusal("ThrottlingException", "Rate exceeded"));
  aws_.answer(refusal("InvalidParameterException", "Rate exceeded"));
  aws_.answer({.body = "{}"});
  stop_task();
  ASSERT_EQ(aws_.requests().size(), 3u);
  EXPECT_EQ(clock_.elapsed(), 3s) << "1 s, then 2 s";
  EXPECT_EQ(request(2).header("amz-sdk-request"), "attempt=3; max=3");
  EXPECT_EQ(request(2).header("amz-sdk-invocation-id"), request(0).header("amz-sdk-invocation-id"));
}

TEST_F(ClientTest, GivesUpAfterThreeAttemptsAndSaysSo) {
  for (int i = 0; i < 3; ++i) aws_.answer(refusal("ClientException", "Too many concurrent attempts"));
  EXPECT_THAT(failure_of([&] { stop_task(); }), HasSubstr("tried 3 times"));
  EXPECT_EQ(kind_, ErrorKind::unavailable);
  EXPECT_EQ(aws_.requests().size(), 3u);
}

TEST_F(ClientTest, RetriesServerErrorsAndLostConnections) {
  aws_.answer({.status = 503, .body = "<html>busy</html>", .content_type = "text/html"});
  aws_.answer({.drop = true});
  aws_.answer({.body = "{}"});
  stop_task();
  EXPECT_EQ(aws_.requests().size(), 3u);
}

TEST_F(ClientTest, QuotaIsNotRetried) {
  aws_.answer(refusal("LimitExceededException", "too many requests of yours"));
  EXPECT_THAT(failure_of([&] { stop_task(); }), StartsWith("StopTask: LimitExceededException"));
  EXPECT_EQ(aws_.requests().size(), 1u);
}

TEST_F(ClientTest, RefusalIsAnApiErrorWithAllThatAwsSaid) {
  aws_.answer(refusal("InvalidParameterException", "The referenced task was not found."));
  try {
    stop_task();
    FAIL();
  } catch (const ApiError& error) {
    EXPECT_EQ(error.code(), "InvalidParameterException");
    EXPECT_EQ(error.text(), "The referenced task was not found.");
    EXPECT_EQ(error.request_id(), "req-7");
    EXPECT_EQ(error.http_status(), 400);
  }
  EXPECT_EQ(aws_.requests().size(), 1u);
}

TEST_F(ClientTest, CodeMayStandInTheHeaderAndTextInLowerCase) {
  aws_.answer({.status = 400,
               .body = R"({"message":"no"})",
               .headers = {{"x-amzn-ErrorType", "ClusterNotFoundException:http://x/"}}});
  EXPECT_THAT(failure_of([&] { stop_task(); }), StartsWith("StopTask: ClusterNotFoundException: no"));
}

TEST_F(ClientTest, AnswerOfAnotherProgramIsNamed) {
  aws_.answer({.status = 418, .body = "teapot", .content_type = "text/plain"});
  EXPECT_THAT(failure_of([&] { stop_task(); }), StartsWith("StopTask: HTTP 418: teapot"));
  aws_.answer({.body = "<html>welcome</html>"});
  EXPECT_THAT(failure_of([&] { stop_task(); }), HasSubstr("the answer from ECS cannot be understood"));
}

TEST_F(ClientTest, WrongCredentialsAreForbiddenWithTheRemedy) {
  aws_.answer(refusal("UnrecognizedClientException", "The security token included in the request is invalid."));
  EXPECT_THAT(failure_of([&] { stop_task(); }),
              HasSubstr("check the AWS credentials that the daemon takes from the test"));
  EXPECT_EQ(kind_, ErrorKind::forbidden);
}

TEST_F(ClientTest, ClockSkewIsCorrectedFromTheDateHeaderAndRemembered) {
  auto expired = refusal("InvalidSignatureException", "Signature expired: 20260101T000000Z is now earlier than …");
  expired.headers.emplace_back("Date", "Thu, 01 Jan 2026 00:20:00 GMT");
  aws_.answer(expired);
  aws_.answer({.body = "{}"});
  aws_.answer({.body = "{}"});
  stop_task();
  stop_task();
  ASSERT_EQ(aws_.requests().size(), 3u);
  EXPECT_EQ(request(1).header("x-amz-date"), "20260101T002000Z");
  EXPECT_EQ(request(2).header("x-amz-date"), "20260101T002000Z");
}

TEST_F(ClientTest, SkewIsCorrectedOnceOnly) {
  auto expired = refusal("InvalidSignatureException", "Signature expired");
  expired.headers.emplace_back("Date", "Thu, 01 Jan 2026 00:20:00 GMT");
  aws_.answer(expired);
  aws_.answer(expired);
  EXPECT_THAT(failure_of([&] { stop_task(); }), HasSubstr("InvalidSignatureException"));
  EXPECT_EQ(aws_.requests().size(), 2u);
}

TEST_F(ClientTest, ClockThatIsSetWhileACallIsRepeatedIsFollowed) {
  auto expired = refusal("InvalidSignatureException", "Signature expired");
  expired.headers.emplace_back("Date", "Thu, 01 Jan 2026 00:20:00 GMT");
  auto early = refusal("InvalidSignatureException", "Signature not yet current");
  early.headers.emplace_back("Date", "Wed, 31 Dec 2025 23:40:00 GMT");
  aws_.answer(expired);
  aws_.answer(early);
  aws_.answer({.body = "{}"});
  stop_task();
  ASSERT_EQ(aws_.requests().size(), 3u);
  EXPECT_EQ(request(2).header("x-amz-date"), "20251231T234000Z");
}

TEST_F(ClientTest, WrongSignatureWithARightClockIsNotRetried) {
  auto wrong = refusal("InvalidSignatureException", "The request signature we calculated does not match");
  wrong.headers.emplace_back("Date", "Thu, 01 Jan 2026 00:00:01 GMT");
  aws_.answer(wrong);
  failure_of([&] { stop_task(); });
  EXPECT_EQ(aws_.requests().size(), 1u);
}

// The first call leaves an open connection behind, over which curl would send again by itself.
TEST_F(ClientTest, RegistrationIsNotRepeatedAfterALostAnswer) {
  aws_.answer({.body = "{}"});
  stop_task();
  aws_.answer({.drop = true});
  try {
    test::run(loop_, ecs_.register_task_definition({.family = "f"}));
    FAIL();
  } catch (const NoAnswer& error) {
    EXPECT_TRUE(error.was_sent());
  }
  EXPECT_EQ(aws_.requests().size(), 2u);
}

TEST_F(ClientTest, RegistrationIsRepeatedWhenThrottled) {
  aws_.answer(refusal("ThrottlingException", "Rate exceeded"));
  aws_.answer({.body = R"({"taskDefinition":{"revision":3}})"});
  EXPECT_EQ(test::run(loop_, ecs_.register_task_definition({.family = "f"})).task_definition.revision, 3);
}

TEST_F(ClientTest, RefusalsSayThatNothingWasDone) {
  aws_.answer(refusal("InvalidParameterException", "no"));
  failure_of([&] { stop_task(); });
  EXPECT_FALSE(is_open_);
  for (int i = 0; i < 3; ++i) aws_.answer(refusal("ThrottlingException", "Rate exceeded", 503));
  failure_of([&] { stop_task(); });
  EXPECT_FALSE(is_open_);
}

TEST_F(ClientTest, AWSsOwnTroubleLeavesTheOutcomeOpen) {
  for (int i = 0; i < 3; ++i) aws_.answer(refusal("ServerException", "", 500));
  failure_of([&] { stop_task(); });
  EXPECT_TRUE(is_open_);
}

TEST_F(ClientTest, ARefusalAfterALostAnswerLeavesTheOutcomeOpen) {
  aws_.answer({.drop = true});
  aws_.answer(refusal("InvalidParameterException", "no"));
  EXPECT_THAT(failure_of([&] { stop_task(); }), StartsWith("StopTask: InvalidParameterException"));
  EXPECT_TRUE(is_open_);
}

// Over a kept connection the transport itself sends again.
TEST_F(ClientTest, ARefusalOfARequestThatWasSentAgainLeavesTheOutcomeOpen) {
  aws_.answer({.body = "{}"});
  stop_task();
  aws_.answer({.drop = true});
  aws_.answer(refusal("InvalidParameterException", "no"));
  failure_of([&] { stop_task(); });
  EXPECT_EQ(aws_.requests().size(), 3u);
  EXPECT_EQ(clock_.elapsed(), 0s);
  EXPECT_TRUE(is_open_);
}

TEST_F(ClientTest, AnAnswerThatCannotBeUnderstoodLeavesTheOutcomeOpen) {
  aws_.answer({.body = "<html>welcome</html>"});
  failure_of([&] { stop_task(); });
  EXPECT_TRUE(is_open_);
}

TEST_F(ClientTest, RefusedConnectionNamesTheCauseAndTheRemedy) {
  Client nobody(transport_, clock_, credentials_,
                {.region = "eu-west-1", .endpoints = {.url = "http://127.0.0.1:1"}, .jitter = [] { return 1.0; }});
  Ecs ecs(nobody);
  const std::string text = failure_of([&] { test::run(loop_, ecs.register_task_definition({.family = "f"})); });
  EXPECT_THAT(text, StartsWith("RegisterTaskDefinition: no answer from ECS: POST http://127.0.0.1:1/"));
  EXPECT_THAT(text, HasSubstr("Connection refused"));
  EXPECT_THAT(text, HasSubstr("SOCKERLESS_ENDPOINT_URL"));
  EXPECT_EQ(kind_, ErrorKind::unavailable);
  EXPECT_FALSE(is_open_);
  EXPECT_EQ(clock_.elapsed(), 3s) << "a call that never left may be repeated";
}

TEST_F(ClientTest, EveryAttemptKeepsToTheRate) {
  Client slow(transport_, clock_, credentials_,
              {.region = "r", .endpoints = {.url = aws_.url()}, .rates = {{"stop", {"StopTask"}, 1, 0.1}}});
  Ecs ecs(slow);
  aws_.answer({.body = "{}"});
  aws_.answer({.body = "{}"});
  test::run(loop_, ecs.stop_task({.task = "t"}));
  test::run(loop_, ecs.stop_task({.task = "t"}));
  EXPECT_EQ(clock_.elapsed(), 10s);
}

TEST_F(ClientTest, CallerIdentityUsesTheQueryProtocol) {
  aws_.answer({.body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:me</Arn><UserId>U</UserId>"
                       "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
               .content_type = "text/xml"});
  Sts sts(client_);
  const CallerIdentity identity = test::run(loop_, sts.get_caller_identity());
  EXPECT_EQ(identity.account, "123456789012");
  EXPECT_EQ(identity.arn, "arn:me");
  EXPECT_EQ(request(0).body, "Action=GetCallerIdentity&Version=2011-06-15");
  EXPECT_EQ(request(0).header("x-amz-target"), "");
}

TEST_F(ClientTest, QueryProtocolErrorsAreXml) {
  aws_.answer({.status = 403,
               .body = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code>"
                       "<Message>bad key</Message></Error><RequestId>q-1</RequestId></ErrorResponse>",
               .content_type = "text/xml"});
  Sts sts(client_);
  EXPECT_THAT(
      failure_of([&] { test::run(loop_, sts.get_caller_identity()); }),
      StartsWith("GetCallerIdentity: InvalidClientTokenId: bad key (request id q-1); check the AWS credentials"));
}

TEST(Retry, DelaysGrowToTwentySeconds) {
  const Jitter longest = [] { return 1.0; };
  EXPECT_EQ(retry_delay(1, longest), 1s);
  EXPECT_EQ(retry_delay(3, longest), 4s);
  EXPECT_EQ(retry_delay(9, longest), 20s);
  EXPECT_EQ(retry_delay(9, [] { return 0.0; }), 0s);
}

TEST(Retry, BudgetRunsOutAndRefills) {
  RetryBudget budget;
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(budget.take(RetryBudget::Cause::no_answer));
  EXPECT_FALSE(budget.take(RetryBudget::Cause::answered));
  for (int i = 0; i < 5; ++i) budget.give_back_one();
  EXPECT_TRUE(budget.take(RetryBudget::Cause::answered));
}

}  // namespace
}  // namespace sockerless::aws
