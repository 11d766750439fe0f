#include "ecs/fargate_backend.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/open_outcome.h"
#include "ecs/causes.h"
#include "ecs/log_streams.h"
#include "ecs/stop_reasons.h"
#include "ecs/tags.h"
#include "ecs/task_definition.h"
#include "ecs/task_options.h"

namespace sockerless::ecs {
namespace {

const Logger log("fargate");

constexpr auto kDeregisterPause = std::chrono::milliseconds(500);

bool says_definition_is_gone(const aws::ApiError& error) {
  return error.text().find("TaskDefinition not found") != std::string::npos ||
         error.text().find("TaskDefinition is inactive") != std::string::npos;
}

[[noreturn]] void throw_explained(const aws::ApiError& error) {
  if (outcome_is_open(error)) throw Open(explain_refusal(error));
  throw explain_refusal(error);
}

}  // namespace

FargateBackend::FargateBackend(Executor executor, Clock& clock, aws::Client& client, FargateSettings settings)
    : settings_(std::move(settings)),
      client_(client),
      ecs_(client),
      logs_(client),
      public_addresses_(client),
      watcher_(clock, ecs_, watcher_settings(settings_), addresses_to_dial()),
      clock_(clock),
      tasks_(std::move(executor)) {}

// Only a daemon that dials needs them.
PublicAddresses* FargateBackend::addresses_to_dial() {
  return settings_.public_ip && settings_.callback_url.empty() ? &public_addresses_ : nullptr;
}

// Where agents call, their call is the first sign of a running task, and looking early is in vain.
WatcherSettings FargateBackend::watcher_settings(const FargateSettings& settings) {
  WatcherSettings watcher{.cluster = settings.cluster};
  if (!settings.callback_url.empty()) watcher.first_look = watcher.launching;
  return watcher;
}

Awaitable<void> FargateBackend::prepare() {
  try {
    if (co_await ensure_log_group(logs_, settings_.log_group)) {
      log.info("log group made", {{"group", settings_.log_group}});
    }
  } catch (const aws::ApiError& error) {
    // It may be there all the same: only whoever may make it can be told.
    if (!error.code().starts_with("AccessDenied")) throw;
    log.warn("not allowed to make the log group; it must exist",
             {{"group", settings_.log_group}, {"error", error.what()}});
  }
}

void FargateBackend::report_to(core::TaskObserver& observer) {
  watcher_.report_to(observer);
  tasks_.spawn("watch tasks", watcher_.run());
}

Awaitable<core::Registration> FargateBackend::register_container(core::Container container) {
  TaskDefinitionPlan plan = plan_task_definition(container, settings_);
  try {
    const auto response = co_await ecs_.register_task_definition(std::move(plan.request));
    co_return core::Registration{response.task_definition.task_definition_arn, std::move(plan.warnings)};
  } catch (const aws::ApiError& error) {
    throw_explained(error);
  }
}

Awaitable<core::LaunchedTask> FargateBackend::launch(core::Container container, core::Launch launch) {
  try {
    const std::string task = co_await run_task(container, launch);
    co_return core::LaunchedTask{task, container.definition};
  } catch (const aws::ApiError& error) {
    // Where there may be a task, there must not be a second one of another definition.
    if (!says_definition_is_gone(error) || outcome_is_open(error)) throw_explained(error);
  }
  log.warn("task definition is gone, registering it anew",
           {{"container", container.short_id()}, {"definition", container.definition}});
  const core::Registration registration = co_await register_container(container);
  container.definition = registration.definition;
  try {
    const std::string task = co_await run_task(container, launch);
    co_return core::LaunchedTask{task, registration.definition};
  } catch (const aws::ApiError& error) {
    throw_explained(error);
  }
}

Awaitable<aws::RunTaskResponse> FargateBackend::place(core::Container container, core::Launch launch) {
  const Capacity capacity = task_options(container, settings_).capacity;
  aws::RunTaskResponse response = co_await ecs_.run_task(plan_run_task(container, launch, settings_, capacity));
  const bool has_no_room = !response.failures.empty() && is_lack_of_capacity(response.failures.front().reason);
  if (capacity != Capacity::spot_fallback || !has_no_room) co_return response;
  log.info("Spot has no room, running the task on demand", {{"container", container.short_id()}});
  co_return co_await ecs_.run_task(plan_run_task(container, launch, settings_, Capacity::on_demand));
}

Awaitable<std::string> FargateBackend::run_task(core::Container container, core::Launch launch) {
  const aws::RunTaskResponse response = co_await place(std::move(container), std::move(launch));
  // ECS answers 200 for a task that it could not place.
  if (!response.failures.empty()) {
    throw Error(ErrorKind::unavailable, explain_failure(response.failures.front()));
  }
  if (response.tasks.size() != 1) {
    throw Open(
        Error(ErrorKind::internal, fmt::format("RunTask answered {} tasks instead of one", response.tasks.size())));
  }
  co_return response.tasks.front().task_arn;
}

Awaitable<std::optional<std::string>> FargateBackend::find_task(core::Launch launch) {
  for (const char* status : {"RUNNING", "STOPPED"}) {
    const auto found =
        co_await ecs_.list_tasks({.cluster = settings_.cluster, .started_by = launch.id, .desired_status = status});
    if (!found.task_arns.empty()) co_return found.task_arns.front();
  }
  co_return std::nullopt;
}

void FargateBackend::watch(std::string container_id, core::Launch launch) {
  watcher_.watch(std::move(container_id), launch);
}

void FargateBackend::unwatch(std::string launch_id) { watcher_.unwatch(launch_id); }

void FargateBackend::agent_is_connected(std::string launch_id, bool connected) {
  watcher_.agent_is_connected(launch_id, connected);
}

Awaitable<void> FargateBackend::stop(std::string task, std::string reason) {
  try {
    co_await ecs_.stop_task({settings_.cluster, task, std::move(reason)});
    watcher_.look_soon(task);
  } catch (const aws::ApiError& error) {
    // A task that ECS has forgotten has stopped.
    const bool is_gone =
        error.code() == "InvalidParameterException" && error.text().find("not found") != std::string::npos;
    if (!is_gone) throw;
  }
}

// Register and Deregister share a quota of one call a second: somebody waits for a Register, nobody
// for this.
Awaitable<void> FargateBackend::deregister(std::string definition) {
  while (client_.rates().expected_wait("DeregisterTaskDefinition") > Clock::Duration::zero()) {
    co_await clock_.sleep(kDeregisterPause);
  }
  try {
    co_await ecs_.deregister_task_definition({definition});
  } catch (const aws::ApiError& error) {
    // The code hides throttling, too.
    if (error.code() != "ClientException" || error.kind() == ErrorKind::unavailable) throw;
    log.debug("task definition is gone already", {{"definition", definition}});
  }
}

Awaitable<void> FargateBackend::deregister_all(std::string container_id) {
  const auto found = co_await ecs_.list_task_definitions(
      {.family_prefix = family_of(container_id), .status = "ACTIVE", .next_token = ""});
  for (const std::string& definition : found.task_definition_arns) co_await deregister(definition);
}

Awaitable<core::LogPage> FargateBackend::read_logs(core::LogQuery query) {
  return read_log_page(logs_, settings_.log_group, std::move(query));
}

}  // namespace sockerless::ecs
