#include "base/task_group.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/event.h"
#include "base/worker_pool.h"

namespace sockerless {
namespace {

Awaitable<void> wait_and_note(Event& event, bool& ended) {
  struct Note {
    bool& ended;
    ~Note() { ended = true; }
  } note{ended};
  co_await event.wait();
}

TEST(TaskGroup, JoinCancelsAndAwaitsEveryTask) {
  asio::io_context loop;
  TaskGroup group(loop.get_executor());
  Event never;
  bool first = false;
  bool second = false;
  group.spawn("first", wait_and_note(never, first));
  group.spawn("second", wait_and_note(never, second));
  loop.poll();
  EXPECT_EQ(group.size(), 2u);

  asio::co_spawn(loop, group.join(), [](std::exception_ptr) {});
  loop.restart();
  loop.run();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_EQ(group.size(), 0u);
}

TEST(TaskGroup, TaskThatEndsBeforeItsCancellationIsNotTouched) {
  asio::io_context loop;
  bool ended = false;
  {
    TaskGroup group(loop.get_executor());
    Event event;
    group.spawn("about to end", wait_and_note(event, ended));
    loop.poll();
    event.set();
    group.cancel();  // from outside the loop, behind the task's own end
    loop.restart();
    loop.poll();
    EXPECT_EQ(group.size(), 0u);
  }
  EXPECT_TRUE(ended);
}

TEST(WorkerPool, BringsResultsAndExceptionsBack) {
  asio::io_context loop;
  WorkerPool pool(1);
  int answer = 0;
  bool thrown = false;
  const auto ask = [](WorkerPool& p, int& a, bool& t) -> Awaitable<void> {
    a = co_await p.run([] { return 42; });
    try {
      co_await p.run([] { throw std::runtime_error("no"); });
    } catch (const std::runtime_error&) {
      t = true;
    }
  };
  asio::co_spawn(loop, ask(pool, answer, thrown), [](std::exception_ptr) {});
  loop.run();
  EXPECT_EQ(answer, 42);
  EXPECT_TRUE(thrown);
}

}  // namespace
}  // namespace sockerless
