#include "aws/rate_limiter.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include <set>

#include "base/error.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::aws {
namespace {

using namespace std::chrono_literals;

class RateLimiterTest : public testing::Test {
 protected:
  void acquire(Clock::Duration limit = 30s) { test::run(loop_, limiter_.acquire("Register", limit)); }

  asio::io_context loop_;
  test::ManualClock clock_{loop_.get_executor(), test::ManualClock::Mode::skip_waits};
  RateLimiter limiter_{clock_, {{"task definition modify", {"Register", "Deregister"}, 2, 1}}};
};

TEST_F(RateLimiterTest, BurstPassesAtOnceThenCallsKeepToTheRate) {
  acquire();
  acquire();
  EXPECT_EQ(clock_.elapsed(), 0s);
  acquire();
  EXPECT_EQ(clock_.elapsed(), 1s);
  acquire();
  EXPECT_EQ(clock_.elapsed(), 2s);
}

TEST_F(RateLimiterTest, OperationsOfABucketShareIt) {
  acquire();
  acquire();
  EXPECT_EQ(limiter_.expected_wait("Deregister"), 1s);
  EXPECT_EQ(limiter_.expected_wait("Unlimited"), 0s);
}

TEST_F(RateLimiterTest, TooLongAWaitFailsAndNamesTheQuota) {
  acquire();
  acquire();
  try {
    acquire(500ms);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_NE(std::string(error.what()).find("task definition modify"), std::string::npos);
  }
  EXPECT_EQ(limiter_.expected_wait("Register"), 1s) << "a refused call takes no token";
}

TEST_F(RateLimiterTest, UnusedTimeRefillsUpToTheBurst) {
  acquire();
  acquire();
  clock_.advance(1h);
  acquire();
  acquire();
  EXPECT_EQ(limiter_.expected_wait("Register"), 1s);
}

TEST(RateLimiter, WaitersAreServedInOrderAndACancelledOneGivesItsTurnBack) {
  asio::io_context loop;
  test::ManualClock clock(loop.get_executor());
  RateLimiter limiter(clock, {{"b", {"Call"}, 1, 1}});
  test::run(loop, limiter.acquire("Call", 30s));
  std::string order;
  asio::cancellation_signal cancel;
  asio::co_spawn(loop, limiter.acquire("Call", 30s), [&](std::exception_ptr) { order += 'a'; });
  asio::co_spawn(loop, limiter.acquire("Call", 30s),
                 asio::bind_cancellation_slot(cancel.slot(), [](std::exception_ptr) {}));
  loop.restart();
  loop.poll();
  EXPECT_EQ(limiter.expected_wait("Call"), 3s);
  cancel.emit(asio::cancellation_type::all);
  loop.poll();
  EXPECT_EQ(limiter.expected_wait("Call"), 2s);
  clock.advance(1s);
  loop.poll();
  EXPECT_EQ(order, "a");
}

TEST(PublishedRates, FollowTheRegionAndNameNoOperationTwice) {
  std::set<std::string> seen;
  for (const ApiRate& rate : published_rates("us-west-2")) {
    for (const std::string& operation : rate.operations) EXPECT_TRUE(seen.insert(operation).second) << operation;
    if (rate.name == "GetLogEvents") EXPECT_EQ(rate.per_second, 10);
    if (rate.name == "FilterLogEvents") EXPECT_EQ(rate.per_second, 10);
  }
}

}  // namespace
}  // namespace sockerless::aws
