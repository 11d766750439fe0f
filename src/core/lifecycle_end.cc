// The part of Lifecycle that ends containers on request: stop, kill and remove.
#include <algorithm>
#include <csignal>

#include "base/log.h"
#include "base/open_outcome.h"
#include "core/errors.h"
#include "core/lifecycle.h"
#include "core/signal.h"

namespace sockerless::core {
namespace {

const Logger log("end");

constexpr int kKilled = 137;
constexpr auto kKillWait = std::chrono::seconds(2);
constexpr std::int64_t kGrace = 10;  // seconds; Docker's, where neither request nor container has one
constexpr std::int64_t kForEver = 365 * 24 * 3600;

// The signals by which a user means "end"; the task is stopped for them (DESIGN section 4). The CLI
// forwards others, such as WINCH, and a resized terminal must not end a container.
bool ends_the_container(int signal) {
  return signal == SIGKILL || signal == SIGTERM || signal == SIGINT || signal == SIGQUIT || signal == SIGABRT;
}

int stop_signal(const ContainerConfig& config) {
  return config.stop_signal.empty() ? SIGTERM : parse_signal(config.stop_signal);
}

Clock::Duration grace_of(const ContainerConfig& config, const StopRequest& request) {
  const std::int64_t seconds = request.seconds ? *request.seconds : config.stop_timeout.value_or(kGrace);
  return std::chrono::seconds(seconds < 0 ? kForEver : std::min(seconds, kForEver));
}

}  // namespace

Awaitable<void> Lifecycle::stop(EntryPointer entry, StopRequest request) {
  if (!entry->record.state.is_up()) throw already_in_that_state();
  co_await to_the_end("stop container", run_stop(entry, request));
}

Awaitable<void> Lifecycle::kill(EntryPointer entry, int signal) {
  if (!entry->record.state.is_up()) throw not_running(entry->record.id);
  co_await to_the_end("kill container", run_kill(entry, signal));
}

Awaitable<void> Lifecycle::remove(EntryPointer entry, bool force) {
  if (entry->record.state.status == Status::removing) {
    throw removal_in_progress(entry->record.name);
  }
  if (!force && entry->record.state.restarting) throw container_is_restarting_for_removal(entry->record.name);
  if (!force && entry->record.state.is_running()) throw container_is_running(entry->record.name);
  co_await to_the_end("remove container", run_remove(entry, force));
}

// Whatever happens to the daemon now, the container ends with this exit code. A process that has
// ended already keeps its own. False if it is claimed already.
Awaitable<bool> Lifecycle::claim_exit_code(EntryPointer entry, int exit_code) {
  Launch& launch = *entry->record.current_launch();
  if (launch.claimed_exit_code) co_return false;
  launch.claimed_exit_code = exit_code;
  entry->record.restart.manually_stopped = true;
  co_await save(entry, Durability::full);
  co_return true;
}

// Takes a claim of its own back if the task is not stopped: the process then keeps its own exit code.
// Where that is open, it is made so: the process may be ending already, and must not look as if it had
// failed. Throws unless the task is stopped.
Awaitable<void> Lifecycle::stop_task(EntryPointer entry, std::string reason, bool has_claimed) {
  std::optional<Error> refusal;
  bool may_be_stopping = false;
  const std::string task = entry->record.current_launch()->task;
  try {
    co_await services_.backend.stop(task, reason);
  } catch (const Error& error) {
    refusal = error;
    may_be_stopping = outcome_is_open(error);
  }
  if (!refusal) co_return;
  if (may_be_stopping) {
    co_await services_.janitor.stop_task(task, std::move(reason));
    if (co_await await_exit(entry, settings_.stop_wait)) co_return;
  }
  if (may_be_stopping || !has_claimed) throw Error(*refusal);
  entry->record.current_launch()->claimed_exit_code.reset();
  entry->record.restart.manually_stopped = false;
  co_await save(entry, Durability::full);
  throw Error(*refusal);
}

Awaitable<bool> Lifecycle::await_exit(EntryPointer entry, Clock::Duration limit) {
  const auto deadline = services_.clock.steady_now() + limit;
  while (entry->record.state.is_running() && !entry->removed) {
    const auto left = deadline - services_.clock.steady_now();
    if (left <= left.zero()) co_return false;
    co_await entry->changed.wait_for(services_.clock, left);
  }
  co_return true;
}

// False if there is no agent that could.
Awaitable<bool> Lifecycle::deliver(EntryPointer entry, int signal) {
  if (!services_.agents.is_connected(entry->record.id)) co_return false;
  try {
    co_await services_.drivers.process.pick(entry->record).signal(entry->record, signal);
  } catch (const Error& error) {
    log.debug("the agent did not deliver the signal", {{"error", error.what()}});
    co_return false;
  }
  co_return true;
}

// StopTask has no grace period. The agent gives the process its signal and, when the time is over, KILL. False if the
// process has not ended by that.
Awaitable<bool> Lifecycle::end_through_agent(EntryPointer entry, int signal, StopRequest request) {
  if (!co_await deliver(entry, signal)) co_return false;
  if (co_await await_exit(entry, grace_of(entry->record.config, request))) co_return true;
  services_.events.publish(entry->record, "kill", {{"signal", std::to_string(SIGKILL)}});
  co_return co_await deliver(entry, SIGKILL) && co_await await_exit(entry, kKillWait);
}

Awaitable<void> Lifecycle::run_stop(EntryPointer entry, StopRequest request) {
  co_await await_launch(entry);
  if (!entry->record.state.is_running()) {
    if (entry->record.state.restarting) {
      co_await give_up_restart(entry);
      services_.events.publish(entry->record, "stop");
    }
    co_return;
  }
  const bool has_claimed = co_await claim_exit_code(entry, 0);
  const int signal = request.signal.value_or(stop_signal(entry->record.config));
  const std::string task = entry->record.current_launch()->task;
  const std::string reason = "stopped by docker stop";
  services_.events.publish(entry->record, "kill", {{"signal", std::to_string(signal)}});
  if (request.has_wish() && co_await end_through_agent(entry, signal, request)) {
    co_await services_.janitor.stop_task(task, reason);
  } else {
    co_await stop_task(entry, reason, has_claimed);
    if (!co_await await_exit(entry, settings_.stop_wait)) {
      log.warn("the process did not end in time; its task goes on stopping", {{"container", entry->record.short_id()}});
      finish(entry, {});
    }
  }
  services_.events.publish(entry->record, "stop");
}

Awaitable<void> Lifecycle::run_kill(EntryPointer entry, int signal) {
  co_await await_launch(entry);
  if (entry->record.state.restarting) {
    // There is no process now; that none comes after it is what was asked for.
    if (ends_the_container(signal)) co_await give_up_restart(entry);
    co_return;
  }
  if (!entry->record.state.is_running()) throw not_running(entry->record.id);
  if (!ends_the_container(signal)) {
    co_await services_.drivers.process.pick(entry->record).signal(entry->record, signal);
    services_.events.publish(entry->record, "kill", {{"signal", std::to_string(signal)}});
    co_return;
  }
  const bool has_claimed = co_await claim_exit_code(entry, signal == SIGKILL ? kKilled : 0);
  services_.events.publish(entry->record, "kill", {{"signal", std::to_string(signal)}});
  // StopTask asks politely first and may take half a minute; an agent does it now.
  if (signal == SIGKILL) co_await deliver(entry, SIGKILL);
  co_await stop_task(entry, "stopped by docker kill", has_claimed);
  if (signal != SIGKILL || co_await await_exit(entry, kKillWait)) co_return;
  services_.agents.forget(entry->record.id);
  finish(entry, {});
}

Awaitable<void> Lifecycle::end_for_removal(EntryPointer entry) {
  co_await await_launch(entry);
  if (entry->record.state.restarting) co_await give_up_restart(entry);
  if (!entry->record.state.is_running()) co_return;
  co_await claim_exit_code(entry, kKilled);
  services_.events.publish(entry->record, "kill", {{"signal", "9"}});
  // On record before anything else: from here on the task is stopped, whatever happens.
  co_await services_.janitor.stop_task(entry->record.current_launch()->task, "stopped by docker rm");
  services_.agents.forget(entry->record.id);
  finish(entry, {});
}

Awaitable<void> Lifecycle::run_remove(EntryPointer entry, bool force) {
  if (force) co_await end_for_removal(entry);
  if (entry->removed) co_return;
  entry->record.state.status = Status::removing;
  const Container record = entry->record;
  co_await save(entry);
  if (!record.definition.empty()) co_await services_.janitor.deregister(record.definition);
  services_.agents.forget(record.id);
  if (const Launch* launch = record.current_launch()) services_.backend.unwatch(launch->id);
  co_await services_.store.erase(kTable, record.id);
  release_clients(entry);
  table_.remove(record.id);
  services_.events.publish(record, "destroy");
  for (ContainerObserver* observer : observers_) observer->container_removed(record);
  log.info("container removed", {{"container", record.short_id()}, {"name", record.name}});
}

}  // namespace sockerless::core
