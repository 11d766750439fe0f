#include "core/janitor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

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

  Event may_answer;
  int at_once = 0;
  int most_at_once = 0;
};

// A daemon that comes back to a thousand duties still has to serve its clients.
TEST(Janitor, HasFewCallsUnderWayHoweverMuchThereIsToDo) {
  asio::io_context loop;
  test::ManualClock clock(loop.get_executor());
  MemoryStore store;
  SlowBackend backend;
  Janitor janitor(loop.get_executor(), clock, store, backend);
  for (int number = 0; number < 1000; ++number) {
    test::run(loop, janitor.deregister("family:" + std::to_string(number)));
  }
  loop.restart();
  loop.poll();
  EXPECT_EQ(backend.at_once, 4);
  EXPECT_EQ(janitor.pending(), 1000u);
  backend.may_answer.set();
  loop.restart();
  loop.poll();
  EXPECT_EQ(backend.most_at_once, 4);
  EXPECT_EQ(backend.deregistered.size(), 1000u);
  EXPECT_EQ(janitor.pending(), 0u);
  test::run(loop, janitor.stop());
}

}  // namespace
}  // namespace sockerless::core
