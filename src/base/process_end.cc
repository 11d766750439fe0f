#include "base/process_end.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <cerrno>

namespace sockerless {

bool has_ended(int process, int milliseconds) {
  pollfd ended{process, POLLIN, 0};
  int result = 0;
  while ((result = ::poll(&ended, 1, milliseconds)) < 0 && errno == EINTR) continue;
  return result > 0;
}

Awaitable<void> process_end(Executor loop, int process) {
  asio::posix::stream_descriptor descriptor(loop, ::fcntl(process, F_DUPFD_CLOEXEC, 0));
  // A wait may be over for nothing: Asio reuses its records of descriptors, and an event that was fetched for
  // the one before ends the wait of the one behind.
  while (!has_ended(descriptor.native_handle())) {
    co_await descriptor.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  }
}

}  // namespace sockerless
