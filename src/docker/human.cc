#include "docker/human.h"

#include <fmt/format.h>

namespace sockerless::docker {
namespace {

std::string health_text(const core::State& state) {
  if (!state.health) return "";
  return state.health->status == "starting" ? " (health: starting)" : fmt::format(" ({})", state.health->status);
}

}  // namespace

std::string human_duration(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  const auto seconds_count = duration_cast<seconds>(duration).count();
  if (seconds_count < 1) return "Less than a second";
  if (seconds_count == 1) return "1 second";
  if (seconds_count < 60) return fmt::format("{} seconds", seconds_count);
  const auto minutes_count = seconds_count / 60;
  if (minutes_count == 1) return "About a minute";
  if (minutes_count < 60) return fmt::format("{} minutes", minutes_count);
  const auto hours_count = (seconds_count + 1800) / 3600;
  if (hours_count == 1) return "About an hour";
  if (hours_count < 48) return fmt::format("{} hours", hours_count);
  if (hours_count < 24 * 7 * 2) return fmt::format("{} days", hours_count / 24);
  if (hours_count < 24 * 30 * 2) return fmt::format("{} weeks", hours_count / 24 / 7);
  if (hours_count < 24 * 365 * 2) return fmt::format("{} months", hours_count / 24 / 30);
  return fmt::format("{} years", hours_count / 24 / 365);
}

std::string human_status(const core::State& state, Time now) {
  const auto since = [&](std::int64_t moment) { return human_duration(now - Time(std::chrono::nanoseconds(moment))); };
  if (state.restarting) return fmt::format("Restarting ({}) {} ago", state.exit_code, since(state.finished_at));
  switch (state.status) {
    case core::Status::created:
    case core::Status::starting:
      return state.finished_at == 0 ? "Created"
                                    : fmt::format("Exited ({}) {} ago", state.exit_code, since(state.finished_at));
    case core::Status::running:
      return (state.started_at == 0 ? "Up Less than a second" : "Up " + since(state.started_at)) + health_text(state);
    case core::Status::exited: return fmt::format("Exited ({}) {} ago", state.exit_code, since(state.finished_at));
    case core::Status::removing: return "Removal In Progress";
  }
  return "";
}

}  // namespace sockerless::docker
