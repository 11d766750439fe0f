#include "core/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sockerless::test {
namespace {

using namespace std::chrono_literals;
using core::ContainerConfig;
using core::Health;
using core::health_plan;
using core::HealthPlan;

ContainerConfig with_test(std::vector<std::string> test) {
  ContainerConfig config;
  config.healthcheck = core::Healthcheck{.test = std::move(test)};
  return config;
}

TEST(HealthPlan, IsNothingWithoutACheck) {
  EXPECT_FALSE(health_plan(ContainerConfig{}));
  EXPECT_FALSE(health_plan(with_test({"NONE"})));
  EXPECT_FALSE(health_plan(with_test({})));
}

TEST(HealthPlan, TakesTheShellOfTheImageForAShellCommand) {
  EXPECT_THAT(health_plan(with_test({"CMD-SHELL", "a && b"}))->command,
              testing::ElementsAre("/bin/sh", "-c", "a && b"));
  ContainerConfig config = with_test({"CMD-SHELL", "a"});
  config.shell = {"/bin/bash", "-ec"};
  EXPECT_THAT(health_plan(config)->command, testing::ElementsAre("/bin/bash", "-ec", "a"));
  EXPECT_THAT(health_plan(with_test({"CMD", "a", "b"}))->command, testing::ElementsAre("a", "b"));
}

TEST(HealthPlan, HasDockersDefaults) {
  const auto plan = health_plan(with_test({"CMD", "a"}));
  EXPECT_EQ(plan->interval, 30s);
  EXPECT_EQ(plan->timeout, 30s);
  EXPECT_EQ(plan->start_period, 0s);
  EXPECT_EQ(plan->start_interval, 5s);
  EXPECT_EQ(plan->retries, 3);
}

TEST(HealthPlan, ProbesMoreOftenWhileTheContainerStarts) {
  const HealthPlan plan{.interval = 30s, .start_period = 10s, .start_interval = 1s};
  EXPECT_EQ(time_to_next_probe(plan, {.status = "starting"}, 9s), 1s);
  EXPECT_EQ(time_to_next_probe(plan, {.status = "starting"}, 10s), 30s);
  EXPECT_EQ(time_to_next_probe(plan, {.status = "healthy"}, 1s), 30s);
}

TEST(HealthPlan, FailuresInTheStartPeriodDoNotCount) {
  const HealthPlan plan{.start_period = 10s, .retries = 2};
  Health health{.status = "starting"};
  take_probe(plan, health, {.exit_code = 1}, 9s);
  EXPECT_EQ(health.failing_streak, 0);
  take_probe(plan, health, {.exit_code = 1}, 11s);
  EXPECT_EQ(health.status, "starting");
  take_probe(plan, health, {.exit_code = 1}, 12s);
  EXPECT_EQ(health.status, "unhealthy");
  EXPECT_EQ(health.failing_streak, 2);
  take_probe(plan, health, {.exit_code = 0}, 13s);
  EXPECT_EQ(health.status, "healthy");
  EXPECT_EQ(health.failing_streak, 0);
}

TEST(HealthPlan, KeepsTheLastFiveProbes) {
  Health health{.status = "starting"};
  for (int i = 0; i < 7; ++i) take_probe({.retries = 100}, health, {.exit_code = i}, 1s);
  ASSERT_EQ(health.log.size(), 5u);
  EXPECT_EQ(health.log.front().exit_code, 2);
}

}  // namespace
}  // namespace sockerless::test
