#include "docker/human.h"

#include <gtest/gtest.h>

namespace sockerless::docker {
namespace {

using namespace std::chrono_literals;

TEST(HumanDuration, SaysWhatDockerSays) {
  EXPECT_EQ(human_duration(900ms), "Less than a second");
  EXPECT_EQ(human_duration(1s), "1 second");
  EXPECT_EQ(human_duration(59s), "59 seconds");
  EXPECT_EQ(human_duration(119s), "About a minute");
  EXPECT_EQ(human_duration(3min), "3 minutes");
  EXPECT_EQ(human_duration(61min), "About an hour");
  EXPECT_EQ(human_duration(47h), "47 hours");
  EXPECT_EQ(human_duration(72h), "3 days");
  EXPECT_EQ(human_duration(24h * 30), "4 weeks");
  EXPECT_EQ(human_duration(24h * 100), "3 months");
  EXPECT_EQ(human_duration(24h * 800), "2 years");
}

TEST(HumanStatus, FollowsTheState) {
  const Time now(10min);
  core::State state;
  EXPECT_EQ(human_status(state, now), "Created");
  state.status = core::Status::running;
  state.started_at = std::chrono::nanoseconds(9min).count();
  EXPECT_EQ(human_status(state, now), "Up About a minute");
  state.status = core::Status::exited;
  state.finished_at = std::chrono::nanoseconds(7min).count();
  state.exit_code = 137;
  EXPECT_EQ(human_status(state, now), "Exited (137) 3 minutes ago");
}

}  // namespace
}  // namespace sockerless::docker
