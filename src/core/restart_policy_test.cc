#include "core/restart_policy.h"

#include <gtest/gtest.h>

namespace sockerless::test {
namespace {

using namespace std::chrono_literals;
using core::Container;
using core::next_restart_delay;
using core::wants_restart;

Container with_policy(const std::string& name, int retries = 0) {
  Container container;
  container.host_config.restart_policy = {.name = name, .maximum_retry_count = retries};
  return container;
}

TEST(RestartPolicy, NoneRestartsNothing) {
  EXPECT_FALSE(wants_restart(with_policy(""), {.exit_code = 1}));
  EXPECT_FALSE(wants_restart(with_policy("no"), {.exit_code = 1}));
}

TEST(RestartPolicy, AlwaysRestartsWhateverTheExitCode) {
  EXPECT_TRUE(wants_restart(with_policy("always"), {.exit_code = 0}));
  EXPECT_TRUE(wants_restart(with_policy("unless-stopped"), {.exit_code = 7}));
}

TEST(RestartPolicy, WhatAUserEndedStaysEnded) {
  EXPECT_FALSE(wants_restart(with_policy("always"), {.exit_code = 0, .by_user = true}));
  EXPECT_FALSE(wants_restart(with_policy("on-failure"), {.exit_code = 1, .by_user = true}));
}

TEST(RestartPolicy, OnFailureLooksAtTheExitCodeAndCounts) {
  Container container = with_policy("on-failure", 2);
  EXPECT_FALSE(wants_restart(container, {.exit_code = 0}));
  EXPECT_TRUE(wants_restart(container, {.exit_code = 1}));
  container.restart_count = 2;
  EXPECT_FALSE(wants_restart(container, {.exit_code = 1}));
  container.host_config.restart_policy.maximum_retry_count = 0;
  EXPECT_TRUE(wants_restart(container, {.exit_code = 1}));
}

TEST(RestartPolicy, TheDelayDoublesUpToAMinuteAndBeginsAnewBehindASteadyRun) {
  EXPECT_EQ(next_restart_delay(0ns, 0ns), 100ms);
  EXPECT_EQ(next_restart_delay(100ms, 9s), 200ms);
  EXPECT_EQ(next_restart_delay(51200ms, 0ns), 60s);
  EXPECT_EQ(next_restart_delay(60s, 0ns), 60s);
  EXPECT_EQ(next_restart_delay(60s, 10s), 100ms);
}

TEST(RestartPolicy, TheLimitHoldsTheNextLaunchUntilAnHourAfterTheOldestThatCounts) {
  Container container;
  const Time start{};
  for (int minute = 0; minute < 3; ++minute) {
    container.launches.push_back({.requested_at = (start + minute * 1min).time_since_epoch().count()});
  }
  const Time now = start + 5min;
  EXPECT_EQ(core::earliest_restart(container, 4, now), now);
  EXPECT_EQ(core::earliest_restart(container, 2, now), start + 1min + 1h);
  EXPECT_EQ(core::earliest_restart(container, 0, now), now);
}

}  // namespace
}  // namespace sockerless::test
