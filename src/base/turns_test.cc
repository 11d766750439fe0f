#include "base/turns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <vector>

#include "base/event.h"

namespace sockerless {
namespace {

class TurnsTest : public testing::Test {
 protected:
  // Takes a turn, says so, and keeps it until the event is set.
  static Awaitable<void> work(TurnsTest& test, int number) {
    const Turns::Turn turn = co_await test.turns_.take();
    test.got_.push_back(number);
    co_await test.may_end_.at(static_cast<std::size_t>(number)).wait();
  }

  void begin(int number) {
    asio::co_spawn(loop_, work(*this, number), asio::detached);
    settle();
  }
  void end(int number) {
    may_end_.at(static_cast<std::size_t>(number)).set();
    settle();
  }
  void settle() {
    loop_.restart();
    loop_.poll();
  }

  asio::io_context loop_;
  Turns turns_{2};
  std::vector<Event> may_end_ = std::vector<Event>(8);
  std::vector<int> got_;
};

TEST_F(TurnsTest, AreGivenToSoManyAndThenInTheOrderOfAsking) {
  for (int number = 0; number < 5; ++number) begin(number);
  EXPECT_THAT(got_, testing::ElementsAre(0, 1));
  end(1);
  EXPECT_THAT(got_, testing::ElementsAre(0, 1, 2));
  end(0);
  end(2);
  EXPECT_THAT(got_, testing::ElementsAre(0, 1, 2, 3, 4));
  end(3);
  end(4);
  begin(5);
  begin(6);
  begin(7);
  EXPECT_THAT(got_, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST_F(TurnsTest, PassOneWhoHasGivenUp) {
  begin(0);
  begin(1);
  asio::cancellation_signal impatience;
  asio::co_spawn(loop_, work(*this, 2), asio::bind_cancellation_slot(impatience.slot(), asio::detached));
  begin(3);
  impatience.emit(asio::cancellation_type::all);
  settle();
  end(0);
  EXPECT_THAT(got_, testing::ElementsAre(0, 1, 3));
}

TEST_F(TurnsTest, AreNotLostWithOneWhoIsCalledAndGivesUpAtOnce) {
  begin(0);
  begin(1);
  asio::cancellation_signal impatience;
  asio::co_spawn(loop_, work(*this, 2), asio::bind_cancellation_slot(impatience.slot(), asio::detached));
  begin(3);
  may_end_[0].set();
  impatience.emit(asio::cancellation_type::all);
  settle();
  may_end_[2].set();  // in case it has got it first
  settle();
  EXPECT_THAT(got_, testing::Contains(3));
}

}  // namespace
}  // namespace sockerless
