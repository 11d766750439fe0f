#include "core/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "base/log.h"

namespace sockerless::core {
namespace {

const Logger log("health");

constexpr std::size_t kLongestOutput = 4096;
constexpr int kNotRun = -1;  // Docker's exit code of a probe that could not run or took too long

// As Go prints a duration: 1m30s, 500ms.
std::string duration_text(Clock::Duration duration) {
  using namespace std::chrono;
  const double whole_seconds = duration_cast<std::chrono::duration<double>>(duration).count();
  if (duration < seconds(1)) return fmt::format("{:g}ms", whole_seconds * 1000);
  const auto minute_count = duration_cast<minutes>(duration).count();
  const double rest = whole_seconds - static_cast<double>(minute_count) * 60;
  if (minute_count == 0) return fmt::format("{:g}s", rest);
  if (minute_count < 60) return fmt::format("{}m{:g}s", minute_count, rest);
  return fmt::format("{}h{}m{:g}s", minute_count / 60, minute_count % 60, rest);
}

}  // namespace

// Ends with its container's run. How long that has gone on is measured on the steady clock: setting the wall clock
// neither ends a start period nor prolongs it.
struct HealthMonitor::Watch {
  Watch(const Clock& clock, std::int64_t started_at)
      : clock(clock),
        begun(clock.steady_now() -
              std::max(clock.now() - Time(std::chrono::nanoseconds(started_at)), Clock::Duration(0))) {}

  Clock::Duration ran_for() const { return clock.steady_now() - begun; }

  const Clock& clock;
  const std::chrono::steady_clock::time_point begun;
  Event over;
};

// A command that runs; shared, since the one who waits for it may give up.
struct HealthMonitor::Run {
  Event ended;
  std::string exec_id;
  std::string output;
  bool is_cut = false;
  int exit_code = kNotRun;
};

HealthMonitor::HealthMonitor(Executor executor, Services services, Lifecycle& lifecycle, Execs& execs)
    : services_(services), lifecycle_(lifecycle), execs_(execs), tasks_(std::move(executor)) {}

void HealthMonitor::recover() {
  for (const EntryPointer& entry : lifecycle_.table().all()) {
    if (entry->record.state.status == Status::running && entry->record.state.started_at != 0) container_started(entry);
  }
}

void HealthMonitor::container_started(const EntryPointer& entry) {
  const auto plan = health_plan(entry->record.config);
  if (!plan || !entry->record.state.health) return;
  const auto watch = std::make_shared<Watch>(services_.clock, entry->record.state.started_at);
  if (const auto before = std::exchange(watches_[entry->record.id], watch)) before->over.set();
  tasks_.spawn("check health", monitor(entry, watch, *plan));
}

void HealthMonitor::container_ended(const EntryPointer& entry) { container_removed(entry->record); }

void HealthMonitor::container_removed(const Container& record) {
  const auto found = watches_.find(record.id);
  if (found == watches_.end()) return;
  found->second->over.set();
  watches_.erase(found);
}

Awaitable<void> HealthMonitor::monitor(EntryPointer entry, WatchPointer watch, HealthPlan plan) {
  for (;;) {
    const auto pause = time_to_next_probe(plan, *entry->record.state.health, watch->ran_for());
    if (co_await watch->over.wait_for(services_.clock, pause)) co_return;
    // While an agent is away nothing is known; a container that never had one fails its checks.
    const bool is_away =
        entry->record.agent != AgentPresence::absent && !services_.agents.is_connected(entry->record.id);
    if (is_away) continue;
    const auto ran_for = watch->ran_for();
    HealthProbe result = co_await probe(entry, plan);
    if (watch->over.is_set()) co_return;
    co_await note(entry, plan, std::move(result), ran_for);
  }
}

Awaitable<HealthProbe> HealthMonitor::probe(EntryPointer entry, HealthPlan plan) {
  HealthProbe result;
  result.started_at = services_.clock.now().time_since_epoch().count();
  const auto run = std::make_shared<Run>();
  tasks_.spawn("run health check", run_command(entry, plan.command, run));
  if (co_await run->ended.wait_for(services_.clock, plan.timeout)) {
    result.exit_code = run->exit_code;
    result.output = run->output + (run->is_cut ? "..." : "");
  } else {
    result.exit_code = kNotRun;
    result.output = fmt::format("Health check exceeded timeout ({})", duration_text(plan.timeout));
    if (!run->output.empty()) result.output += ": " + run->output;
    try {
      if (!run->exec_id.empty()) co_await execs_.signal(run->exec_id, SIGKILL);
    } catch (const Error& error) {
      log.debug("a health check that took too long could not be killed", {{"error", error.what()}});
    }
  }
  result.ended_at = services_.clock.now().time_since_epoch().count();
  co_return result;
}

Awaitable<void> HealthMonitor::run_command(EntryPointer entry, std::vector<std::string> command,
                                           std::shared_ptr<Run> run) {
  try {
    ExecCommand exec;
    exec.arguments = std::move(command);
    exec.streams = {.standard_out = true, .standard_error = true};
    const std::string id = co_await execs_.create(entry->record.id, std::move(exec));
    const auto session = co_await execs_.start(id);
    run->exec_id = id;
    while (const auto part = co_await session->read()) {
      const std::size_t room = kLongestOutput - run->output.size();
      run->is_cut = run->is_cut || part->bytes.size() > room;
      run->output.append(part->bytes, 0, room);
    }
    run->exit_code = execs_.get(id).exit_code.value_or(kNotRun);
  } catch (const Error& error) {
    run->output = error.what();
  }
  run->ended.set();
}

Awaitable<void> HealthMonitor::note(EntryPointer entry, HealthPlan plan, HealthProbe result, Clock::Duration ran_for) {
  Health& health = *entry->record.state.health;
  const std::string before = health.status;
  take_probe(plan, health, std::move(result), ran_for);
  const std::string after = health.status;
  try {
    co_await lifecycle_.save(entry);
  } catch (const Error& error) {
    log.warn("a health check is not on disk", {{"container", entry->record.short_id()}, {"error", error.what()}});
  }
  if (after != before) services_.events.publish(entry->record, "health_status: " + after);
}

}  // namespace sockerless::core
