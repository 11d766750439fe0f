#include "base/event.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task_group.h"

namespace sockerless {
namespace {

using namespace std::chrono_literals;

TEST(Event, WakesEveryWaiter) {
  asio::io_context loop;
  Event event;
  int woken = 0;
  const auto waiter = [](Event& e, int& count) -> Awaitable<void> {
    co_await e.wait();
    ++count;
  };
  asio::co_spawn(loop, waiter(event, woken), asio::detached);
  asio::co_spawn(loop, waiter(event, woken), asio::detached);
  loop.poll();
  EXPECT_EQ(woken, 0);
  event.set();
  loop.restart();
  loop.run();
  EXPECT_EQ(woken, 2);
}

TEST(Event, WaitForSaysWhichCameFirst) {
  asio::io_context loop;
  SystemClock clock(loop.get_executor());
  Event event;
  std::optional<bool> outcome;
  const auto waiter = [](Event& e, Clock& c, std::optional<bool>& out) -> Awaitable<void> {
    out = co_await e.wait_for(c, 1ms);
  };
  asio::co_spawn(loop, waiter(event, clock, outcome), asio::detached);
  loop.run();
  EXPECT_EQ(outcome, false);

  event.set();
  loop.restart();
  asio::co_spawn(loop, waiter(event, clock, outcome), asio::detached);
  loop.run();
  EXPECT_EQ(outcome, true);
}

TEST(Event, ItsEndEndsTheWait) {
  asio::io_context loop;
  auto event = std::make_unique<Event>();
  std::exception_ptr failure;
  asio::co_spawn(loop, event->wait(), [&](std::exception_ptr e) { failure = e; });
  loop.poll();
  event.reset();
  loop.restart();
  loop.run();
  EXPECT_THROW(std::rethrow_exception(failure), boost::system::system_error);
}

}  // namespace
}  // namespace sockerless
