#include "base/process_end.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <csignal>

namespace sockerless {
namespace {

Awaitable<void> note_end(Executor loop, int process, bool& has_come) {
  co_await process_end(std::move(loop), process);
  has_come = true;
}

TEST(ProcessEnd, ComesWithTheProcessAndNotBefore) {
  asio::io_context loop;
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  bool has_come = false;
  asio::co_spawn(loop, note_end(loop.get_executor(), process, has_come), asio::detached);
  loop.poll();
  EXPECT_FALSE(has_come);
  EXPECT_FALSE(has_ended(process));
  ::kill(child, SIGKILL);
  loop.run();
  EXPECT_TRUE(has_come);
  EXPECT_TRUE(has_ended(process));
  ::waitpid(child, nullptr, 0);
  ::close(process);
}

}  // namespace
}  // namespace sockerless
