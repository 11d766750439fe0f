#include "core/restart_policy.h"

#include <algorithm>

namespace sockerless::core {
namespace {

constexpr Clock::Duration kFirstDelay = std::chrono::milliseconds(100);
constexpr Clock::Duration kLongestDelay = std::chrono::minutes(1);
constexpr Clock::Duration kSteadyRun = std::chrono::seconds(10);
constexpr auto kLimitWindow = std::chrono::hours(1);

}  // namespace

bool wants_restart(const Container& container, const RunEnd& end) {
  if (end.by_user) return false;
  const RestartPolicy& policy = container.host_config.restart_policy;
  if (policy.name == "always" || policy.name == "unless-stopped") return true;
  if (policy.name != "on-failure" || end.exit_code == 0) return false;
  return policy.maximum_retry_count == 0 || container.restart_count < policy.maximum_retry_count;
}

Clock::Duration next_restart_delay(Clock::Duration last, Clock::Duration ran_for) {
  if (last <= last.zero() || ran_for >= kSteadyRun) return kFirstDelay;
  return std::min(last * 2, kLongestDelay);
}

Time earliest_restart(const Container& container, int limit, Time now) {
  const auto& launches = container.launches;
  if (limit <= 0 || launches.size() < static_cast<std::size_t>(limit)) return now;
  const Launch& oldest_that_counts = launches[launches.size() - static_cast<std::size_t>(limit)];
  // No launch is later than now, unless the clock has been set back.
  const Time launched = std::min(now, Time(std::chrono::nanoseconds(oldest_that_counts.requested_at)));
  return std::max(now, launched + kLimitWindow);
}

}  // namespace sockerless::core
