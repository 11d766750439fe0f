#include "cloud/tasks/health.h"

#include <algorithm>

#include "base/log.h"

namespace sockerless::cloud {
namespace {

const Logger log("tasks");

constexpr int kDefaultInterval = 30;
constexpr int kDefaultTimeout = 5;
constexpr int kDefaultRetries = 3;

// False if it is over before the time has passed.
Awaitable<bool> pause(const HealthSubject& subject, Clock::Duration time) {
  const auto until = subject.clock.steady_now() + time;
  while (!subject.is_over()) {
    const Clock::Duration left = until - subject.clock.steady_now();
    if (left <= Clock::Duration::zero()) co_return true;
    co_await subject.changed.wait_for(subject.clock, left);
  }
  co_return false;
}

Awaitable<bool> probe(const HealthSubject& subject) {
  const auto timeout = std::chrono::seconds(subject.check.timeout.value_or(kDefaultTimeout));
  try {
    co_return co_await subject.machine.exec(subject.container_id, probe_command(subject.check), timeout) == 0;
  } catch (const Error& error) {
    log.debug("health check not run", {{"container", subject.container_id}, {"error", error.what()}});
    co_return false;
  }
}

}  // namespace

HealthVerdict::HealthVerdict(const ecs::HealthCheck& check)
    : start_period_(std::chrono::seconds(check.start_period.value_or(0))),
      retries_(check.retries.value_or(kDefaultRetries)) {}

const std::string& HealthVerdict::feed(bool passed, Clock::Duration age) {
  if (passed) {
    failures_ = 0;
    status_ = kHealthy;
  } else if (status_ != kHealthUnknown || age >= start_period_) {
    if (++failures_ >= retries_) status_ = kUnhealthy;
  }
  return status_;
}

std::vector<std::string> probe_command(const ecs::HealthCheck& check) {
  const std::string& kind = check.command.front();
  if (kind == "NONE") return {};
  const std::vector<std::string> words(check.command.begin() + 1, check.command.end());
  if (kind == "CMD") return words;
  return {"/bin/sh", "-c", words.front()};
}

std::string task_health(const std::vector<std::string>& essential) {
  const auto is_any = [&](std::string_view status) {
    return std::find(essential.begin(), essential.end(), status) != essential.end();
  };
  if (is_any(kUnhealthy)) return kUnhealthy;
  return essential.empty() || is_any(kHealthUnknown) ? kHealthUnknown : kHealthy;
}

Awaitable<void> watch_health(HealthSubject subject) {
  if (probe_command(subject.check).empty()) co_return;
  const auto begin = subject.clock.steady_now();
  const auto interval = std::chrono::seconds(subject.check.interval.value_or(kDefaultInterval));
  HealthVerdict verdict(subject.check);
  std::string reported = kHealthUnknown;
  while (co_await pause(subject, interval)) {
    const bool passed = co_await probe(subject);
    if (subject.is_over()) co_return;  // it failed because of that
    const std::string& status = verdict.feed(passed, subject.clock.steady_now() - begin);
    if (status != reported) subject.report(status);
    reported = status;
  }
}

}  // namespace sockerless::cloud
