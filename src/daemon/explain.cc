#include "daemon/explain.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/error.h"
#include "daemon/aws_access.h"
#include "daemon/run_command.h"
#include "daemon/settings.h"
#include "ecs/answer_log.h"
#include "ecs/timeline.h"

namespace sockerless::daemon {
namespace {

Awaitable<int> print_timelines(AwsAccess& access, ecs::FargateSettings settings, std::string container,
                               std::string folder) {
  aws::Ecs ecs(access.client());
  const auto answers = ecs::answers_about(folder, container);
  if (!answers.empty()) std::printf("what AWS has answered about %s\n", container.c_str());
  for (const ecs::AwsAnswer& answer : answers) std::printf("  %s", ecs::line_of(answer).c_str());
  const auto tasks = co_await ecs::tasks_of(ecs, settings, container);
  for (const aws::Task& task : tasks) std::printf("%s", ecs::timeline_of(task).c_str());
  if (tasks.empty()) {
    std::printf("ECS shows no task of %s in the cluster %s; it forgets stopped tasks after an hour\n",
                container.c_str(), settings.cluster.c_str());
  }
  co_return tasks.empty() && answers.empty() ? 1 : 0;
}

}  // namespace

int explain(const Arguments& arguments, const config::Options::Environment& environment) {
  DaemonOptions options;
  if (is_help_wanted(arguments, "explain CONTAINER", options)) return 0;
  if (arguments.empty() || arguments.front().starts_with("-")) {
    throw Error(ErrorKind::invalid_argument, "explain needs a container: sockerlessd explain CONTAINER [OPTION]...");
  }
  options.load({arguments.begin() + 1, arguments.end()}, environment);
  if (options.local()) {
    // The local cloud's port is in a file that its daemon keeps.
    throw Error(
        ErrorKind::invalid_argument,
        fmt::format("name the local cloud's endpoint instead of --local: --endpoint-url $(cat {}/cloud-endpoint)",
                    state_folder(options)));
  }
  asio::io_context loop(1);
  SystemClock clock(loop.get_executor());
  AwsAccess access(loop.get_executor(), clock, options, "");
  return run_command(loop,
                     print_timelines(access, fargate_settings(options, ""), arguments.front(), state_folder(options)));
}

}  // namespace sockerless::daemon
