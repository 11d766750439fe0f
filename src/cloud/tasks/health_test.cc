#include "cloud/tasks/health.h"

#include <gtest/gtest.h>

namespace sockerless::cloud {
namespace {

using std::chrono::seconds;

ecs::HealthCheck check_with(int retries, int start_period) {
  ecs::HealthCheck check;
  check.command = {"CMD-SHELL", "true"};
  check.retries = retries;
  check.start_period = start_period;
  return check;
}

TEST(HealthVerdict, OneSuccessIsHealth) {
  HealthVerdict verdict(check_with(3, 0));
  EXPECT_EQ(verdict.feed(true, seconds(1)), "HEALTHY");
}

TEST(HealthVerdict, OnlyFailuresInARowCount) {
  HealthVerdict verdict(check_with(2, 0));
  EXPECT_EQ(verdict.feed(false, seconds(1)), "UNKNOWN");
  EXPECT_EQ(verdict.feed(true, seconds(2)), "HEALTHY");
  EXPECT_EQ(verdict.feed(false, seconds(3)), "HEALTHY");
  EXPECT_EQ(verdict.feed(false, seconds(4)), "UNHEALTHY");
  EXPECT_EQ(verdict.feed(true, seconds(5)), "HEALTHY");
}

TEST(HealthVerdict, FailuresInTheStartPeriodDoNotCountBeforeTheFirstSuccess) {
  HealthVerdict verdict(check_with(1, 10));
  EXPECT_EQ(verdict.feed(false, seconds(9)), "UNKNOWN");
  EXPECT_EQ(verdict.feed(false, seconds(10)), "UNHEALTHY");
  HealthVerdict once_healthy(check_with(1, 10));
  once_healthy.feed(true, seconds(1));
  EXPECT_EQ(once_healthy.feed(false, seconds(2)), "UNHEALTHY");
}

TEST(ProbeCommand, IsAShellsOrPlain) {
  ecs::HealthCheck check;
  check.command = {"CMD-SHELL", "curl -f http://localhost/ || exit 1"};
  EXPECT_EQ(probe_command(check), (std::vector<std::string>{"/bin/sh", "-c", "curl -f http://localhost/ || exit 1"}));
  check.command = {"CMD", "/probe", "-q"};
  EXPECT_EQ(probe_command(check), (std::vector<std::string>{"/probe", "-q"}));
  check.command = {"NONE"};
  EXPECT_TRUE(probe_command(check).empty());
}

TEST(TaskHealth, IsTheWorstOfTheEssentialContainers) {
  EXPECT_EQ(task_health({}), "UNKNOWN");
  EXPECT_EQ(task_health({"HEALTHY", "HEALTHY"}), "HEALTHY");
  EXPECT_EQ(task_health({"HEALTHY", "UNKNOWN"}), "UNKNOWN");
  EXPECT_EQ(task_health({"UNKNOWN", "UNHEALTHY"}), "UNHEALTHY");
}

}  // namespace
}  // namespace sockerless::cloud
