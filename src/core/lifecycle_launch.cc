// The part of Lifecycle that turns a start into a task.
#include "base/id.h"
#include "base/log.h"
#include "core/deferred_session.h"
#include "core/errors.h"
#include "core/lifecycle.h"

namespace sockerless::core {
namespace {

const Logger log("launch");

constexpr int kNeverRan = 125;

}  // namespace

Awaitable<void> Lifecycle::start(EntryPointer entry) {
  if (entry->record.state.is_running()) {
    // A second start shares the first one's outcome, as with Docker, which lets it wait.
    co_await await_launch(entry);
    throw already_in_that_state();
  }
  if (entry->record.state.status == Status::removing) {
    throw Error(ErrorKind::conflict, "container is marked for removal and cannot be started");
  }
  co_await to_the_end("start container", run_start(entry));
}

// Claims the container for a new launch; in memory only.
Launch Lifecycle::begin_launch(const EntryPointer& entry) {
  std::erase_if(entry->waiting_clients, [](const auto& client) { return client.expired(); });
  Launch launch{.id = random_hex(16),
                .client_token = random_uuid(),
                .requested_at = services_.clock.now().time_since_epoch().count(),
                .held = !entry->waiting_clients.empty()};
  entry->record.launches.push_back(launch);
  entry->record.state.status = Status::starting;
  entry->record.state.started_at = 0;
  entry->result.reset();
  entry->start_answered = false;
  entry->released = false;
  return launch;
}

Awaitable<void> Lifecycle::run_start(EntryPointer entry) {
  const Launch launch = begin_launch(entry);
  std::optional<Error> refusal;
  try {
    co_await save(entry, Durability::full);
    // Before the task exists: its agent may be faster than the answer.
    services_.agents.expect(entry->record);
    co_await request_task(entry, launch);
  } catch (const Error& error) {
    refusal = error;
  }
  if (refusal) {
    services_.agents.forget(entry->record.id);
    fail_launch(entry, *refusal, kNeverRan);
  }
  co_await await_start(entry);
}

Awaitable<void> Lifecycle::request_task(EntryPointer entry, Launch launch) {
  const LaunchedTask launched = co_await services_.backend.launch(entry->record, launch);
  entry->record.current_launch()->task = launched.task;
  entry->record.definition = launched.definition;
  log.info("task requested", {{"container", entry->record.short_id()}, {"task", launched.task}});
  launch.task = launched.task;
  services_.backend.watch(entry->record.id, launch);
  entry->changed.pulse();
  try {
    co_await save(entry, Durability::full);
  } catch (const Error&) {
    services_.backend.unwatch(launch.id);
    throw;
  }
}

// Returns when start can answer; throws what made the launch fail.
Awaitable<void> Lifecycle::await_start(EntryPointer entry) {
  const auto deadline = services_.clock.steady_now() + settings_.start_wait;
  while (!entry->result) {
    const auto left = deadline - services_.clock.steady_now();
    if (left <= left.zero() || !co_await entry->changed.wait_for(services_.clock, left)) {
      if (entry->result) break;
      // The task takes longer than clients wait: from here on the container counts as running.
      entry->start_answered = true;
      entry->record.state.status = Status::running;
      entry->record.state.exit_code = 0;
      entry->record.state.error.clear();
      co_await save(entry);
      co_return;
    }
  }
  if (entry->result->failure) throw Error(*entry->result->failure);
}

// Returns once the current launch has either got going or failed.
Awaitable<void> Lifecycle::await_launch(EntryPointer entry) {
  while (entry->record.state.status == Status::starting && !entry->removed) {
    co_await entry->changed.wait();
  }
}

}  // namespace sockerless::core
