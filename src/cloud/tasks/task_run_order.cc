#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cloud/tasks/task_run.h"

// What the containers of a task wait for before they start, and the health that some wait for.
namespace sockerless::cloud {
namespace {

const Logger log("tasks");

}  // namespace

// False if the container is not to be started: the task stops, or a dependency cannot be met.
Awaitable<bool> TaskRun::await_dependencies(std::size_t index) {
  for (const ecs::ContainerDependency& dependency : containers_[index].definition.depends_on) {
    const std::string obstacle = co_await await_dependency(containers_[index], dependency);
    if (state_.is_stopping()) co_return false;
    if (obstacle.empty()) continue;
    fail_container(containers_[index], "CannotStartContainerError: " + obstacle);
    co_return false;
  }
  co_return !state_.is_stopping();
}

// Waits until it is met, which gives "", or can't be any more, which gives the reason, or the task stops.
Awaitable<std::string> TaskRun::await_dependency(const ContainerRun& container, ecs::ContainerDependency dependency) {
  const std::string& condition = dependency.condition;
  const ContainerRun& other = *std::find_if(containers_.begin(), containers_.end(), [&](const ContainerRun& c) {
    return c.definition.name == dependency.container_name;
  });
  const auto is_met = [&] {
    if (condition == "START") return other.is_running() || other.exit.has_value();
    if (condition == "HEALTHY") return other.is_running() && other.health == kHealthy;
    return other.exit && (condition == "COMPLETE" || other.exit->code == 0);
  };
  // The time for which others wait is the dependency's own, from its start.
  const auto limit = condition == "START" ? std::nullopt : other.definition.start_timeout;
  while (!is_met() && !other.has_ended() && !state_.is_stopping()) {
    if (!limit || !other.started) {
      co_await changed_.wait();
      continue;
    }
    const Clock::Duration left = *other.started + std::chrono::seconds(*limit) - services_.clock.steady_now();
    if (left <= Clock::Duration::zero()) {
      co_return fmt::format("dependency graph: container ordering dependency [{}] for target [{}] has timed out.",
                            dependency.container_name, container.definition.name);
    }
    co_await changed_.wait_for(services_.clock, left);
  }
  if (is_met()) co_return "";
  co_return fmt::format("dependency {} did not reach {}", dependency.container_name, condition);
}

void TaskRun::watch_health(ContainerRun& container) {
  if (!container.definition.health_check) return;
  children_.spawn("health of a container of task " + id_,
                  cloud::watch_health({.machine = services_.machine,
                                       .clock = services_.clock,
                                       .container_id = container.runtime_id,
                                       .check = *container.definition.health_check,
                                       .changed = changed_,
                                       .is_over = [&] { return !container.is_running() || state_.is_stopping(); },
                                       .report = [&](const std::string& to) { health_changed(container, to); }}));
}

void TaskRun::health_changed(ContainerRun& container, const std::string& status) {
  container.health = status;
  std::vector<std::string> essential;
  for (const ContainerRun& each : containers_) {
    if (each.definition.health_check && each.definition.is_essential()) essential.push_back(each.health);
  }
  state_.container_health(container.index, status, task_health(essential));
  log.info("health changed", {{"container", container.runtime_id}, {"status", status}});
  changed_.pulse();
}

}  // namespace sockerless::cloud
