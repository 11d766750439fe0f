#include "agent/task/signals.h"

#include <gtest/gtest.h>

namespace sockerless::agent {
namespace {

TEST(Signals, AreKnownByNumberAndName) {
  EXPECT_EQ(parse_signal("15"), SIGTERM);
  EXPECT_EQ(parse_signal("SIGTERM"), SIGTERM);
  EXPECT_EQ(parse_signal("term"), SIGTERM);
  EXPECT_EQ(parse_signal("RTMIN"), SIGRTMIN);
  EXPECT_EQ(parse_signal("SIGRTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(parse_signal("RTMAX-1"), SIGRTMAX - 1);
}

TEST(Signals, OthersAreRefused) {
  for (const char* text : {"", "0", "65", "-1", "SIG", "SIGNOPE", "RTMIN+99", "RTMIN-1", "15x"}) {
    EXPECT_FALSE(parse_signal(text)) << text;
  }
}

}  // namespace
}  // namespace sockerless::agent
