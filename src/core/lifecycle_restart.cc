// The part of Lifecycle that runs containers again, as their restart policies want it.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "core/lifecycle.h"
#include "core/restart_policy.h"

namespace sockerless::core {
namespace {

const Logger log("restart");

constexpr Clock::Duration kLongestWait = std::chrono::hours(1);  // that of the limit of launches an hour

Time time_of(std::int64_t nanoseconds) { return Time(std::chrono::nanoseconds(nanoseconds)); }

}  // namespace

// Decides with the end of a run, so that one write to the store has both.
void Lifecycle::plan_restart(const EntryPointer& entry, const Ending& ending) {
  State& state = entry->record.state;
  RestartState& restart = entry->record.restart;
  const auto ran_for = Clock::Duration(state.started_at == 0 ? 0 : state.finished_at - state.started_at);
  state.restarting =
      !ending.is_final && state.status == Status::exited &&
      wants_restart(entry->record,
                    {.exit_code = state.exit_code, .by_user = restart.manually_stopped, .ran_for = ran_for});
  if (!state.restarting) {
    restart.due_at = 0;
    return;
  }
  ++entry->record.restart_count;
  const auto delay = next_restart_delay(Clock::Duration(restart.delay), ran_for);
  const Time now = services_.clock.now();
  const Time allowed = earliest_restart(entry->record, settings_.restart_limit, now);
  if (allowed > now + delay) {
    log.warn("restarts wait: the limit of launches an hour is reached",
             {{"container", entry->record.short_id()}, {"limit", std::to_string(settings_.restart_limit)}});
    if (!state.error.empty()) state.error += "; ";
    state.error += fmt::format("{} tasks were launched within an hour, the next restart waits until {}",
                               settings_.restart_limit, format_rfc3339_nano(allowed));
  }
  restart.delay = delay.count();
  restart.due_at = std::max(now + delay, allowed).time_since_epoch().count();
}

void Lifecycle::schedule_restart(const EntryPointer& entry) {
  // More than the longest wait is left only when the clock has been set back while no daemon ran.
  const Clock::Duration left =
      std::min<Clock::Duration>(time_of(entry->record.restart.due_at) - services_.clock.now(), kLongestWait);
  // The entry owns the timer, so the timer must not own the entry.
  entry->restart_timer =
      services_.clock.after(std::max(left, Clock::Duration::zero()), [this, weak = std::weak_ptr(entry)] {
        if (const EntryPointer alive = weak.lock()) restart_is_due(alive);
      });
}

void Lifecycle::restart_is_due(const EntryPointer& entry) {
  const State& state = entry->record.state;
  if (!state.restarting || state.status != Status::exited || entry->removed) return;
  const std::string& policy = entry->record.host_config.restart_policy.name;
  // It may have been updated while it waited.
  if (policy.empty() || policy == "no") {
    tasks_.spawn("give up restart", give_up_restart(entry));
  } else {
    tasks_.spawn("restart container", run_restart(entry));
  }
}

Awaitable<void> Lifecycle::run_restart(EntryPointer entry) {
  log.info("container is restarted", {{"container", entry->record.short_id()},
                                      {"name", entry->record.name},
                                      {"restart", std::to_string(entry->record.restart_count)}});
  entry->record.restart.due_at = 0;
  const Launch launch = begin_launch(entry);
  // Nobody waits for it: what fails is an end of the container as any other.
  entry->start_answered = true;
  co_await request_launch(entry, launch);
}

// Leaves the container as its last run left it.
Awaitable<void> Lifecycle::give_up_restart(EntryPointer entry) {
  entry->restart_timer.reset();
  entry->record.state.restarting = false;
  entry->record.restart.due_at = 0;
  entry->record.restart.manually_stopped = true;
  co_await save(entry);
  entry->changed.pulse();
}

Awaitable<void> Lifecycle::shut_down() {
  for (const EntryPointer& entry : table_.all()) entry->restart_timer.reset();
  co_await tasks_.join();
}

}  // namespace sockerless::core
