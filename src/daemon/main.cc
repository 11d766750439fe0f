#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/crash_point.h"
#include "base/log.h"
#include "config/environment.h"
#include "daemon/command.h"
#include "daemon/daemon.h"

namespace sockerless::daemon {
namespace {

constexpr int kLargestStreamBuffer = 1024 * 1024;

constexpr const char* kUsage =
    "sockerlessd serves the Docker Engine API and runs every container as an ECS Fargate task.\n\n"
    "usage: sockerlessd [COMMAND] [OPTION]...\n"
    "       sockerlessd --version | --help | --print-configuration | --print-config\n\n"
    "Without a command it serves until it is ended. Each option is also read from the environment: --ecs-cluster is "
    "SOCKERLESS_ECS_CLUSTER.\n\n";

constexpr const char* kReferenceHead =
    "# Configuration of sockerlessd\n\n"
    "Printed by `sockerlessd --print-configuration`. A flag wins over the environment, the "
    "environment over the default.\n\n";

bool has(const std::vector<std::string>& arguments, std::string_view flag) {
  return std::find(arguments.begin(), arguments.end(), flag) != arguments.end();
}

// Buffers of streams come and go with every piece. From the heap they cost nothing; a mapping of their own, or a heap
// that is returned to the system each time, costs a page fault for every 4 KiB that is carried.
void keep_stream_buffers() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, kLargestStreamBuffer);
  mallopt(M_TRIM_THRESHOLD, 4 * kLargestStreamBuffer);
#endif
}

// Every client and every agent is a descriptor; the usual soft limit is for programs that use select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const DaemonOptions& options) {
  // Only in development builds; no options, since nobody is to set them.
  arm_crash_points(config::environment("SOCKERLESS_CRASH_AT"), config::environment("SOCKERLESS_CRASH_TRACE"));
  raise_descriptor_limit();
  asio::io_context loop(1);
  // A client that is gone is an error of one write, not the end of the daemon.
  std::signal(SIGPIPE, SIG_IGN);
  Daemon daemon(loop, options);
  std::exception_ptr failure;
  asio::co_spawn(loop, daemon.run(), [&](std::exception_ptr thrown) {
    failure = thrown;
    loop.stop();
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return 0;
}

int run(std::vector<std::string> arguments) {
  if (!arguments.empty() && !arguments.front().starts_with("-")) {
    const Command* command = find_command(arguments.front());
    if (command == nullptr) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("there is no command {}; the commands are:\n{}", arguments.front(), command_help()));
    }
    return command->run({arguments.begin() + 1, arguments.end()}, config::environment);
  }
  DaemonOptions options;
  if (has(arguments, "--version")) {
    std::printf("sockerlessd %s\n", SOCKERLESS_VERSION);
    return 0;
  }
  if (has(arguments, "--help")) {
    std::printf("%sCommands:\n%s\nOptions:\n%s", kUsage, command_help().c_str(), options.help_text().c_str());
    return 0;
  }
  if (has(arguments, "--print-configuration")) {
    std::printf("%s%s", kReferenceHead, options.reference_markdown().c_str());
    return 0;
  }
  const bool print_effective = std::erase(arguments, "--print-config") > 0;
  options.load(arguments, config::environment);
  if (print_effective) {
    std::printf("%s", options.effective_text().c_str());
    return 0;
  }
  if (options.local() && ::geteuid() != 0) {
    throw Error(ErrorKind::invalid_argument,
                "--local runs containers on this machine and needs root: sudo sockerlessd --local");
  }
  if (const std::string problems = find_problems(options); !problems.empty()) {
    throw Error(ErrorKind::invalid_argument, problems);
  }
  configure_logging(parse_log_level(options.log_level()), parse_log_format(options.log_format()));
  return serve(options);
}

}  // namespace
}  // namespace sockerless::daemon

int main(int argc, char** argv) {
  try {
    sockerless::daemon::keep_stream_buffers();
    return sockerless::daemon::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sockerlessd: %s\n", error.what());
    return 1;
  }
}
