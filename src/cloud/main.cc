#include <fmt/core.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <optional>

#include "base/json.h"
#include "base/log.h"
#include "cloud/cloud.h"
#include "cloud/image_command.h"
#include "config/environment.h"

namespace sockerless::cloud {
namespace {

const Logger log("cloud");

constexpr const char* kUsage =
    "usage: sockerless-cloud [OPTION]...\n"
    "       sockerless-cloud image import|ls|rm ...   (image --help)\n\n"
    "ECS and CloudWatch Logs on this machine.\n\n";

// Told to whoever started the cloud, once it serves.
struct Ready {
  std::string endpoint;
  std::string gateway;
  std::string admin;

  static constexpr auto fields() {
    return std::tuple{json::field("endpoint", &Ready::endpoint), json::field("gateway", &Ready::gateway),
                      json::field("admin", &Ready::admin, json::Emit::omit_empty)};
  }
};

void report_ready(int descriptor, const Cloud& cloud) {
  if (descriptor < 0) return;
  const std::string line = json::to_text(Ready{cloud.endpoint(), cloud.gateway(), cloud.admin_endpoint()}) + "\n";
  if (write(descriptor, line.data(), line.size()) < 0) {
    log.warn("cannot report readiness", {{"descriptor", descriptor}});
  }
  close(descriptor);
}

// The kernel sends the signal when the parent ends; a parent that ended before is noticed here.
void end_with_parent() {
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent || parent == 1) raise(SIGTERM);
}

Awaitable<void> serve(const CloudOptions& options) {
  const auto executor = co_await asio::this_coro::executor;
  asio::signal_set signals(executor, SIGTERM, SIGINT);
  if (options.exit_with_parent()) end_with_parent();

  Cloud cloud(executor, options);
  log.info("listening", {{"endpoint", cloud.endpoint()}, {"gateway", cloud.gateway()}});
  report_ready(options.ready_fd(), cloud);
  co_await signals.async_wait(asio::use_awaitable);
  log.info("shutting down");
  co_await cloud.shut_down();
}

int run(const CloudOptions& options) {
  configure_logging(parse_log_level(options.log_level()), parse_log_format(options.log_format()));
  if (geteuid() != 0 && options.runner() != "null") {
    fmt::print(stderr,
               "sockerless-cloud makes namespaces, mounts and cgroups: run it as root, sudo sockerless-cloud, or with "
               "--runner=null, where tasks exist in state only\n");
    return EXIT_FAILURE;
  }
  signal(SIGPIPE, SIG_IGN);
  asio::io_context loop;
  int status = EXIT_SUCCESS;
  asio::co_spawn(loop, serve(options), [&](std::exception_ptr failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      fmt::print(stderr, "sockerless-cloud: {}\n", error.what());
      status = EXIT_FAILURE;
    }
    loop.stop();
  });
  loop.run();
  return status;
}

}  // namespace
}  // namespace sockerless::cloud

int main(int argc, char** argv) {
  using namespace sockerless;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (!arguments.empty() && arguments.front() == "image") {
      return cloud::run_image_command({arguments.begin() + 1, arguments.end()}, config::environment);
    }
    cloud::CloudOptions options;
    for (const std::string& argument : arguments) {
      if (argument == "--version") {
        fmt::print("sockerless-cloud {}\n", SOCKERLESS_VERSION);
        return EXIT_SUCCESS;
      }
      if (argument == "--help") {
        fmt::print("{}{}", cloud::kUsage, options.help_text());
        return EXIT_SUCCESS;
      }
    }
    options.load(arguments, config::environment);
    return cloud::run(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sockerless-cloud: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
