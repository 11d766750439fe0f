#include "core/signal.h"

#include <gtest/gtest.h>

#include <csignal>

#include "base/error.h"

namespace sockerless::core {
namespace {

TEST(Signal, IsKnownByNumberAndByName) {
  EXPECT_EQ(parse_signal("9"), SIGKILL);
  EXPECT_EQ(parse_signal("KILL"), SIGKILL);
  EXPECT_EQ(parse_signal("SIGTERM"), SIGTERM);
  EXPECT_EQ(parse_signal("sigusr1"), SIGUSR1);
  EXPECT_EQ(parse_signal("RTMIN+3"), 37);
  EXPECT_EQ(parse_signal("SIGRTMAX-1"), 63);
}

TEST(Signal, UnknownOnesAreRefused) {
  for (const char* text : {"", "BOGUS", "0", "65", "-1", "RTMIN+99", "SIG"}) {
    EXPECT_THROW(parse_signal(text), Error) << text;
  }
}

}  // namespace
}  // namespace sockerless::core
