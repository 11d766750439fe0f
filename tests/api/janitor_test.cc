#include "core/janitor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/rollback.h"
#include "core/store.h"
#include "tests/support/fake_backend.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::core {
namespace {

// Takes its time: an answer comes when the test lets it.
class SlowBackend final : public test::FakeBackend {
 public:
  Awaitable<void> deregister(std::string definition) override {
    most_at_once = std::max(most_at_once, ++at_once);
    const Rollback ended([this] { --at_once; });
    co_await may_answer.wait();
    co_await FakeBackend::deregister(std::move(definition));
  }

  Awaitable<std::optional<std::string>> find_task(Launch launch) override {
    ++looks;
    looked_for.push_back(launch.id);
    if (are_looks_slow) co_await may_answer.wait();
    co_return co_await FakeBackend::find_task(std::move(launch));
  }

  Event may_answer;
  bool are_looks_slow = false;
  int looks = 0;
  std::vector<std::string> looked_for;  // launch ids
  int at_once = 0;
  int most_at_once = 0;
};

class JanitorTest : public testing::Test {
 protected:
  void poll() {
    loop_.restart();
    loop_.poll();
  }

  asio::io_context loop_;
  test::ManualClock clock_{loop_.get_executor()};
  MemoryStore store_;
  SlowBackend backend_;
};

// A daemon that comes back to a thousand duties still has to serve its clients.
TEST_F(JanitorTest, HasFewCallsUnderWayHoweverMuchThereIsToDo) {
  Janitor janitor(loop_.get_executor(), clock_, store_, backend_);
  for (int number = 0; number < 1000; ++number) {
    test::run(loop_, janitor.deregister("family:" + std::to_string(number)));
  }
  poll();
  EXPECT_EQ(backend_.at_once, 4);
  EXPECT_EQ(janitor.pending(), 1000u);
  backend_.may_answer.set();
  poll();
  EXPECT_EQ(backend_.most_at_once, 4);
  EXPECT_EQ(backend_.deregistered.size(), 1000u);
  EXPECT_EQ(janitor.pending(), 0u);
  test::run(loop_, janitor.stop());
}

TEST_F(JanitorTest, StopsKnownTasksWhileItLooksForOthers) {
  Janitor janitor(loop_.get_executor(), clock_, store_, backend_);
  backend_.are_looks_slow = true;
  for (int number = 0; number < 100; ++number) {
    test::run(loop_, janitor.stop_launch({.id = std::to_string(number)}, "lost"));
  }
  test::run(loop_, janitor.stop_task("known", "removed"));
  poll();
  EXPECT_EQ(backend_.looks, 2);
  EXPECT_EQ(backend_.stopped, std::vector<std::string>{"known"});
  backend_.may_answer.set();
  poll();
  for (int second = 0; second < 130; ++second) {
    clock_.advance(std::chrono::seconds(1));
    poll();
  }
  EXPECT_EQ(backend_.looks, 800);
  EXPECT_EQ(janitor.pending(), 0u);
  test::run(loop_, janitor.stop());
}

// A daemon that is killed every few seconds would have more to look for every time.
TEST_F(JanitorTest, LooksNoMoreOftenWhenItIsKilledAgainAndAgain) {
  {
    Janitor first(loop_.get_executor(), clock_, store_, backend_);
    test::run(loop_, first.stop_launch({.id = "lost"}, "lost"));
    poll();
    test::run(loop_, first.stop());
  }
  std::size_t pending = 1;
  for (int second = 0; pending > 0 && second < 140; second += 2) {
    Janitor next(loop_.get_executor(), clock_, store_, backend_);
    next.recover();
    poll();
    for (int passed = 0; passed < 2; ++passed) {
      clock_.advance(std::chrono::seconds(1));
      poll();
    }
    pending = next.pending();
    test::run(loop_, next.stop());
  }
  EXPECT_EQ(pending, 0u);
  EXPECT_GE(backend_.looks, 2);
  EXPECT_LE(backend_.looks, 8);
}

TEST_F(JanitorTest, BeginsWithWhatHasWaitedLongest) {
  const std::vector<std::string> ids{"first", "second", "third", "fourth"};
  {
    Janitor killed(loop_.get_executor(), clock_, store_, backend_);
    for (const std::string& id : ids) {
      test::run(loop_, killed.stop_launch({.id = id}, "lost"));
      clock_.advance(std::chrono::milliseconds(1));
    }
    test::run(loop_, killed.stop());
  }
  backend_.looked_for.clear();
  clock_.advance(std::chrono::minutes(3));
  Janitor janitor(loop_.get_executor(), clock_, store_, backend_);
  janitor.recover();
  poll();
  EXPECT_EQ(backend_.looked_for, ids);
  test::run(loop_, janitor.stop());
}

TEST_F(JanitorTest, LooksOnceMoreForWhatAnEarlierProcessBeganToLookForLongAgo) {
  {
    Janitor killed(loop_.get_executor(), clock_, store_, backend_);
    test::run(loop_, killed.stop_launch({.id = "lost"}, "lost"));
    poll();
    test::run(loop_, killed.stop());
  }
  backend_.looks = 0;
  clock_.advance(std::chrono::minutes(3));
  Janitor janitor(loop_.get_executor(), clock_, store_, backend_);
  janitor.recover();
  EXPECT_EQ(janitor.pending(), 1u);
  poll();
  EXPECT_EQ(backend_.looks, 1);
  EXPECT_EQ(janitor.pending(), 0u);
  test::run(loop_, janitor.stop());
}

}  // namespace
}  // namespace sockerless::core
