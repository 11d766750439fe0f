// The rules of health checks, without anything that runs.
#include "core/health.h"

namespace sockerless::core {
namespace {

constexpr std::size_t kRemembered = 5;

Clock::Duration duration_or(std::int64_t nanoseconds, Clock::Duration otherwise) {
  return nanoseconds > 0 ? Clock::Duration(nanoseconds) : otherwise;
}

std::vector<std::string> command_of(const ContainerConfig& config) {
  const std::vector<std::string>& test = config.healthcheck->test;
  if (test.size() < 2 || test.front() == "NONE") return {};
  std::vector<std::string> command(test.begin() + 1, test.end());
  if (test.front() == "CMD") return command;
  if (test.front() != "CMD-SHELL") return {};
  std::vector<std::string> shell = config.shell;
  if (shell.empty()) shell = {"/bin/sh", "-c"};
  shell.push_back(command.front());
  return shell;
}

}  // namespace

std::optional<HealthPlan> health_plan(const ContainerConfig& config) {
  if (!config.healthcheck) return std::nullopt;
  HealthPlan plan;
  plan.command = command_of(config);
  if (plan.command.empty()) return std::nullopt;
  const Healthcheck& check = *config.healthcheck;
  plan.interval = duration_or(check.interval, std::chrono::seconds(30));
  plan.timeout = duration_or(check.timeout, std::chrono::seconds(30));
  plan.start_period = Clock::Duration(check.start_period);
  plan.start_interval = duration_or(check.start_interval, std::chrono::seconds(5));
  plan.retries = check.retries > 0 ? static_cast<int>(check.retries) : 3;
  return plan;
}

void begin_health(Container& container) {
  if (!health_plan(container.config)) return;
  Health& health = container.state.health ? *container.state.health : container.state.health.emplace();
  health.status = "starting";
  health.failing_streak = 0;
}

Clock::Duration time_to_next_probe(const HealthPlan& plan, const Health& health, Clock::Duration ran_for) {
  const bool is_starting = health.status == "starting" && ran_for < plan.start_period;
  return is_starting ? plan.start_interval : plan.interval;
}

void take_probe(const HealthPlan& plan, Health& health, HealthProbe probe, Clock::Duration ran_for) {
  const bool has_failed = probe.exit_code != 0;
  health.log.push_back(std::move(probe));
  if (health.log.size() > kRemembered) health.log.erase(health.log.begin());
  if (!has_failed) {
    health.failing_streak = 0;
    health.status = "healthy";
    return;
  }
  if (health.status == "starting" && ran_for < plan.start_period) return;
  if (++health.failing_streak >= plan.retries) health.status = "unhealthy";
}

}  // namespace sockerless::core
