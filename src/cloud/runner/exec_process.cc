#include "cloud/runner/exec_process.h"

#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <system_error>

#include "base/process_end.h"
#include "cloud/runner/process.h"

namespace sockerless::cloud {

ExecProcess::ExecProcess(pid_t pid) : process(open_process(pid)) {
  if (!process.is_open()) throw std::system_error(errno, std::generic_category(), "cannot watch a program");
}

Awaitable<void> ExecProcess::follow(std::shared_ptr<ExecProcess> self, Executor loop, std::chrono::nanoseconds limit) {
  asio::steady_timer timer(loop, limit);
  timer.async_wait([self](const boost::system::error_code& error) {
    if (!error && !self->ended.is_set()) send_signal(self->process, SIGKILL);
  });
  co_await process_end(loop, self->process.get());
  self->exit_code = reap(self->process);
  self->ended.set();
}

}  // namespace sockerless::cloud
