#include "ecs/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "ecs/stop_reasons.h"
#include "ecs/tags.h"

namespace sockerless::ecs {
namespace {

constexpr std::size_t kBatch = 100;
constexpr std::size_t kShortId = 12;

bool is_id(const std::string& text) {
  return text.size() >= kShortId && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Awaitable<std::vector<std::string>> list_tasks(aws::Ecs& ecs, aws::ListTasksRequest request) {
  std::vector<std::string> arns;
  do {
    auto page = co_await ecs.list_tasks(request);
    arns.insert(arns.end(), page.task_arns.begin(), page.task_arns.end());
    request.next_token = page.next_token;
  } while (!request.next_token.empty());
  co_return arns;
}

bool is_of(const aws::Task& task, const std::string& container) {
  if (is_id(container)) return task.task_definition_arn.find(family_of(container) + ":") != std::string::npos;
  return tag_value(task.tags, kContainerNameTag) == container;
}

}  // namespace

std::string timeline_of(const aws::Task& task) {
  std::vector<std::pair<double, std::string_view>> moments;
  for (const auto& [at, what] :
       {std::pair(task.created_at, "RunTask accepted"), std::pair(task.connectivity_at, "network interface connected"),
        std::pair(task.pull_started_at, "image pull begun"), std::pair(task.pull_stopped_at, "image pull ended"),
        std::pair(task.started_at, "running"), std::pair(task.stopping_at, "told to stop"),
        std::pair(task.execution_stopped_at, "main process ended"), std::pair(task.stopped_at, "stopped")}) {
    if (at) moments.emplace_back(*at, what);
  }
  std::stable_sort(moments.begin(), moments.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text =
      fmt::format("task {}\n  launch {}, {} {}, {} CPU units, {} MiB, version {}\n", task.task_arn, task.started_by,
                  task.launch_type, task.capacity_provider_name, task.cpu, task.memory, task.version);
  for (const auto& [at, what] : moments) {
    text +=
        fmt::format("  {}  +{:.1f} s  {}\n", format_rfc3339_nano(from_epoch_seconds(at)), at - moments[0].first, what);
  }
  text += fmt::format("  now {} (wanted: {}), address {}\n", task.last_status, task.desired_status,
                      task.private_address().empty() ? "none" : task.private_address());
  for (const aws::TaskContainer& container : task.containers) {
    text += fmt::format("  container {}: {}{}{}\n", container.name, container.last_status,
                        container.exit_code ? fmt::format(", exit code {}", *container.exit_code) : "",
                        container.reason.empty() ? "" : ", " + container.reason);
  }
  if (!task.stop_code.empty() || !task.stopped_reason.empty()) {
    text += fmt::format("  why: {}{}\n", task.stop_code.empty() ? "" : task.stop_code + ": ", explain_stop(task));
  }
  return text;
}

Awaitable<std::vector<aws::Task>> tasks_of(aws::Ecs& ecs, FargateSettings settings, std::string container) {
  std::vector<std::string> arns;
  for (const char* status : {"RUNNING", "STOPPED"}) {
    aws::ListTasksRequest request{.cluster = settings.cluster, .desired_status = status};
    if (is_id(container)) request.family = family_of(container);
    const auto found = co_await list_tasks(ecs, std::move(request));
    arns.insert(arns.end(), found.begin(), found.end());
  }
  std::vector<aws::Task> tasks;
  for (std::size_t from = 0; from < arns.size(); from += kBatch) {
    const auto first = arns.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last = arns.begin() + static_cast<std::ptrdiff_t>(std::min(from + kBatch, arns.size()));
    const auto answer =
        co_await ecs.describe_tasks({.cluster = settings.cluster, .tasks = {first, last}, .include = {"TAGS"}});
    std::copy_if(answer.tasks.begin(), answer.tasks.end(), std::back_inserter(tasks),
                 [&](const aws::Task& task) { return is_of(task, container); });
  }
  std::sort(tasks.begin(), tasks.end(),
            [](const aws::Task& a, const aws::Task& b) { return a.created_at < b.created_at; });
  co_return tasks;
}

}  // namespace sockerless::ecs
