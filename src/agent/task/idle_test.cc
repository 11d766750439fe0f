#include "agent/task/idle.h"

#include <gtest/gtest.h>

namespace sockerless::agent {
namespace {

TEST(IdleCommand, IsTailOrSleepForEver) {
  EXPECT_TRUE(is_idle_command({"tail", "-f", "/dev/null"}));
  EXPECT_TRUE(is_idle_command({"/usr/bin/tail", "-f", "/dev/null"}));
  EXPECT_TRUE(is_idle_command({"sleep", "infinity"}));
}

TEST(IdleCommand, IsNothingElse) {
  EXPECT_FALSE(is_idle_command({}));
  EXPECT_FALSE(is_idle_command({"tail"}));
  EXPECT_FALSE(is_idle_command({"tail", "-f", "/var/log/messages"}));
  EXPECT_FALSE(is_idle_command({"sleep", "10"}));
  EXPECT_FALSE(is_idle_command({"nosleep", "infinity"}));
  EXPECT_FALSE(is_idle_command({"sockerless-agent", "--", "sleep", "infinity"}));
}

}  // namespace
}  // namespace sockerless::agent
