#include "daemon/run_command.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>

namespace sockerless::daemon {

int run_command(asio::io_context& loop, Awaitable<int> work) {
  int status = 1;
  std::exception_ptr failure;
  asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, int result) {
    failure = thrown;
    status = result;
    loop.stop();
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return status;
}

bool is_help_wanted(const Arguments& arguments, std::string_view usage, const config::Options& options) {
  if (std::find(arguments.begin(), arguments.end(), "--help") == arguments.end()) return false;
  std::printf("usage: sockerlessd %s [OPTION]...\n\nOptions:\n%s", std::string(usage).c_str(),
              options.help_text().c_str());
  return true;
}

}  // namespace sockerless::daemon
