#include "agent/protocol/backoff.h"

#include <gtest/gtest.h>

namespace sockerless::agent {
namespace {

TEST(Backoff, StartsWithinAQuarterSecondAndEndsAtTenSeconds) {
  for (const std::uint64_t random : {0ULL, 1ULL, 77ULL, ~0ULL}) {
    Backoff backoff(250);
    EXPECT_LE(backoff.next(random), 250);
    int last = 0;
    for (int i = 0; i < 20; ++i) last = backoff.next(random);
    EXPECT_GE(last, 5000);
    EXPECT_LE(last, 10000);
    backoff.reset();
    EXPECT_LE(backoff.next(random), 250);
  }
}

}  // namespace
}  // namespace sockerless::agent
