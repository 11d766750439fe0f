#include "cloud/faults/faults.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "base/error.h"
#include "cloud/front/api_error.h"
#include "tests/support/manual_clock.h"

namespace sockerless::cloud {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FaultsTest : public testing::Test {
 protected:
  void change(const std::string& members) { faults_.change(json::parse_value(members)); }

  std::string refusal_of(const std::string& members) {
    try {
      change(members);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  std::string error_of(const std::string& service, const std::string& operation) {
    try {
      faults_.before_operation(service, operation);
      return "";
    } catch (const ApiError& error) {
      return error.code();
    }
  }

  int admitted(const std::string& service, const std::string& operation, int calls) {
    int count = 0;
    for (int i = 0; i < calls; ++i) count += error_of(service, operation).empty() ? 1 : 0;
    return count;
  }

  asio::io_context loop_;
  sockerless::test::ManualClock clock_{loop_.get_executor()};
  Faults faults_{{}, "us-east-1", clock_};
};

TEST_F(FaultsTest, NothingGoesWrongAtFirst) {
  EXPECT_EQ(admitted("ecs", "RunTask", 500), 500);
  EXPECT_FALSE(faults_.drops_request());
  EXPECT_FALSE(faults_.lacks_capacity());
  EXPECT_EQ(faults_.draw_launch_delay(), milliseconds(0));
}

TEST_F(FaultsTest, ACountGoesDownAndEnds) {
  change(R"({"capacity":{"rate":1,"count":2}})");
  EXPECT_TRUE(faults_.lacks_capacity());
  EXPECT_EQ(faults_.settings().capacity.count, 1);
  EXPECT_TRUE(faults_.lacks_capacity());
  EXPECT_FALSE(faults_.lacks_capacity());
}

TEST_F(FaultsTest, AMemberIsReplacedWholeAndOthersStay) {
  change(R"({"capacity":{"rate":1,"count":0},"logLagMs":50})");
  change(R"({"capacity":{"rate":1}})");
  EXPECT_TRUE(faults_.lacks_capacity());
  EXPECT_EQ(faults_.log_lag(), milliseconds(50));
}

TEST_F(FaultsTest, TheSameSeedIsTheSameChance) {
  const auto sequence = [&] {
    change(R"({"seed":7,"serverErrors":{"rate":0.5}})");
    std::string text;
    for (int i = 0; i < 64; ++i) text += error_of("ecs", "ListTasks").empty() ? '.' : 'x';
    return text;
  };
  const std::string first = sequence();
  EXPECT_EQ(sequence(), first);
  EXPECT_NE(first.find('x'), std::string::npos);
  EXPECT_NE(first.find('.'), std::string::npos);
}

TEST_F(FaultsTest, ServerErrorsHaveTheServicesOwnCode) {
  change(R"({"serverErrors":{"rate":1}})");
  EXPECT_EQ(error_of("ecs", "ListTasks"), "ServerException");
  EXPECT_EQ(error_of("logs", "GetLogEvents"), "ServiceUnavailableException");
}

TEST_F(FaultsTest, AnErrorIsForItsOperation) {
  change(R"({"errors":[{"operation":"StopTask","code":"AccessDeniedException","count":1}]})");
  EXPECT_EQ(error_of("ecs", "RunTask"), "");
  EXPECT_EQ(error_of("ecs", "StopTask"), "AccessDeniedException");
  EXPECT_EQ(error_of("ecs", "StopTask"), "");
}

TEST_F(FaultsTest, ThrottlesByThePublishedBuckets) {
  change(R"({"throttling":{"enabled":true}})");
  EXPECT_EQ(admitted("ecs", "RegisterTaskDefinition", 30), 20);
  EXPECT_EQ(error_of("ecs", "DeregisterTaskDefinition"), "ThrottlingException");  // the same bucket
  EXPECT_EQ(admitted("ecs", "RunTask", 30), 20);                                  // Fargate's own
  EXPECT_EQ(admitted("ecs", "StopTask", 200), 80);                                // what RunTask has left of 100
  EXPECT_EQ(admitted("logs", "FilterLogEvents", 30), 25);
  clock_.advance(seconds(3));
  EXPECT_EQ(admitted("ecs", "RegisterTaskDefinition", 30), 3);
}

TEST_F(FaultsTest, LaunchesAreCountedByTasks) {
  change(R"({"throttling":{"enabled":true}})");
  for (int i = 0; i < 10; ++i) faults_.before_launches(10, false);
  EXPECT_THROW(faults_.before_launches(1, false), ApiError);
  faults_.before_launches(10, true);
}

TEST_F(FaultsTest, DelaysAreOfTheirDistribution) {
  change(R"({"launchDelay":{"minMs":100,"maxMs":200}})");
  for (int i = 0; i < 100; ++i) {
    const auto delay = faults_.draw_launch_delay();
    EXPECT_GE(delay, milliseconds(100));
    EXPECT_LE(delay, milliseconds(200));
  }
  change(R"({"launchDelay":{"distribution":"exponential","minMs":100,"meanMs":1000,"maxMs":9000}})");
  Clock::Duration sum{0};
  for (int i = 0; i < 2000; ++i) {
    const auto delay = faults_.draw_launch_delay();
    EXPECT_GE(delay, milliseconds(100));
    EXPECT_LE(delay, milliseconds(9000));
    sum += delay;
  }
  EXPECT_GT(sum / 2000, milliseconds(1000));
  EXPECT_LT(sum / 2000, milliseconds(1200));
}

TEST_F(FaultsTest, WhatMakesNoSenseIsRefusedAndChangesNothing) {
  EXPECT_EQ(refusal_of(R"({"capacty":{}})"), "unknown member \"capacty\"");
  EXPECT_EQ(refusal_of(R"({"capacity":{"chance":1}})"), "unknown member \"capacity.chance\"");
  EXPECT_EQ(refusal_of(R"({"logLagMs":5,"capacity":{"rate":2}})"), "capacity: a rate is between 0 and 1");
  EXPECT_EQ(refusal_of(R"({"errors":[{"operation":"RunTask"}]})"), "errors: an entry needs operation and code");
  EXPECT_EQ(refusal_of("[]"), "the faults are a JSON object");
  EXPECT_EQ(faults_.log_lag(), milliseconds(0));
}

TEST_F(FaultsTest, ResetGoesBackToTheOptions) {
  FaultSettings initial;
  add_run_task_fault(initial, "error:BlockedException");
  Faults faults(initial, "us-east-1", clock_);
  faults.change(json::parse_value(R"({"errors":[],"logLagMs":5})"));
  faults.before_operation("ecs", "RunTask");
  faults.reset();
  EXPECT_EQ(faults.log_lag(), milliseconds(0));
  EXPECT_THROW(faults.before_operation("ecs", "RunTask"), ApiError);
  EXPECT_THROW(add_run_task_fault(initial, "unheard of"), Error);
}

}  // namespace
}  // namespace sockerless::cloud
