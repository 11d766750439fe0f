#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "cloud/ecs_api/types/container_parts.h"
#include "cloud/tasks/machine.h"

namespace sockerless::cloud {

inline constexpr const char* kHealthUnknown = "UNKNOWN";
inline constexpr const char* kHealthy = "HEALTHY";
inline constexpr const char* kUnhealthy = "UNHEALTHY";

// What the results of a container's health check amount to: one success is health, as many failures
// in a row as there are retries are not. While a container has never been healthy, failures within
// its start period do not count.
class HealthVerdict {
 public:
  explicit HealthVerdict(const ecs::HealthCheck& check);

  // `age`: since the container's start. The status from now on.
  const std::string& feed(bool passed, Clock::Duration age);

 private:
  Clock::Duration start_period_;
  int retries_;
  int failures_ = 0;
  std::string status_ = kHealthUnknown;
};

// What is run in the container; empty for a check that is switched off.
std::vector<std::string> probe_command(const ecs::HealthCheck& check);

// Of a task, from the essential containers that have a check: worst first.
std::string task_health(const std::vector<std::string>& essential);

struct HealthSubject {
  Machine& machine;
  Clock& clock;
  std::string container_id;  // at run time; running
  ecs::HealthCheck check;
  Event& changed;                 // pulsed when `is_over` may have become true
  std::function<bool()> is_over;  // the container or its task ends
  std::function<void(const std::string& status)> report;
};

// Runs the check at its interval, the first time an interval after the start, until it is over.
Awaitable<void> watch_health(HealthSubject subject);

}  // namespace sockerless::cloud
