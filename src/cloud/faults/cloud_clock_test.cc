#include "cloud/faults/cloud_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/manual_clock.h"

namespace sockerless::cloud {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;

class CloudClockTest : public testing::Test {
 protected:
  std::unique_ptr<Clock::Timer> note_after(Clock::Duration delay, int number) {
    return clock_.after(delay, [this, number] { fired_.push_back(number); });
  }

  asio::io_context loop_;
  sockerless::test::ManualClock real_{loop_.get_executor()};
  CloudClock clock_{real_};
  std::vector<int> fired_;
};

TEST_F(CloudClockTest, BothOfItsTimesAreAhead) {
  const auto before = clock_.steady_now();
  clock_.advance(minutes(5));
  EXPECT_EQ(clock_.steady_now() - before, minutes(5));
  EXPECT_EQ(clock_.now() - real_.now(), minutes(5));
}

TEST_F(CloudClockTest, TimersThatBecomeDueFire) {
  const auto second = note_after(minutes(20), 2);
  const auto first = note_after(minutes(10), 1);
  const auto third = note_after(minutes(30), 3);
  clock_.advance(minutes(15));
  real_.advance({});
  EXPECT_THAT(fired_, ElementsAre(1));
  real_.advance(minutes(5));
  EXPECT_THAT(fired_, ElementsAre(1, 2));
  real_.advance(minutes(10));
  EXPECT_THAT(fired_, ElementsAre(1, 2, 3));
}

TEST_F(CloudClockTest, ATimerThatIsGoneDoesNotFire) {
  auto timer = note_after(minutes(1), 1);
  timer.reset();
  clock_.advance(minutes(2));
  real_.advance(minutes(2));
  EXPECT_THAT(fired_, ElementsAre());
}

TEST_F(CloudClockTest, ACallMayEndItsOwnTimerAndSetAnother) {
  std::unique_ptr<Clock::Timer> timer;
  timer = clock_.after(minutes(1), [&] { timer = note_after(minutes(1), 7); });
  clock_.advance(minutes(1));
  real_.advance({});
  real_.advance(minutes(1));
  EXPECT_THAT(fired_, ElementsAre(7));
}

}  // namespace
}  // namespace sockerless::cloud
