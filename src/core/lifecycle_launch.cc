// The part of Lifecycle that turns a start into a task.
#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/log.h"
#include "base/open_outcome.h"
#include "base/rollback.h"
#include "core/deferred_session.h"
#include "core/errors.h"
#include "core/lifecycle.h"

namespace sockerless::core {
namespace {

const Logger log("launch");

constexpr int kNeverRan = 125;
constexpr std::size_t kMostLaunches = 100;  // whose logs are still found

}  // namespace

Awaitable<void> Lifecycle::start(EntryPointer entry) {
  if (entry->record.state.restarting) throw already_in_that_state();
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
                .held = !entry->waiting_clients.empty() || needs_preparation(entry->record)};
  auto& launches = entry->record.launches;
  launches.push_back(launch);
  if (launches.size() > kMostLaunches) {
    launches.erase(launches.begin());
    ++entry->record.restart.launches_forgotten;
  }
  entry->record.state.status = Status::starting;
  entry->record.state.started_at = 0;
  entry->result.reset();
  entry->start_answered = false;
  entry->released = false;
  return launch;
}

Awaitable<void> Lifecycle::run_start(EntryPointer entry) {
  entry->record.restart_count = 0;
  entry->record.restart = {.launches_forgotten = entry->record.restart.launches_forgotten};
  const Launch launch = begin_launch(entry);
  co_await request_launch(entry, launch);
  co_await await_start(entry);
}

// The container counts itself: it has been claimed for its launch.
void Lifecycle::check_ceiling(const Container& container) const {
  if (settings_.max_tasks == 0) return;
  const auto entries = table_.all();
  const auto running = std::count_if(entries.begin(), entries.end(),
                                     [](const EntryPointer& entry) { return entry->record.state.is_running(); });
  if (running <= settings_.max_tasks) return;
  throw Error(ErrorKind::conflict,
              fmt::format("cannot start container {}: {} containers run already, and no more than {} may; stop one, or "
                          "raise SOCKERLESS_MAX_TASKS",
                          container.short_id(), running - 1, settings_.max_tasks));
}

// Before the task exists: a network that is gone and a port that is taken cost nothing then.
void Lifecycle::enter_networks(const EntryPointer& entry) {
  if (networks_ != nullptr) networks_->attach(entry->record);
  if (publisher_ != nullptr) entry->record.published = publisher_->open(entry->record);
}

// Says whether it was in any.
bool Lifecycle::leave_networks(const EntryPointer& entry) {
  if (publisher_ != nullptr) {
    publisher_->close(entry->record.id);
    entry->record.published.clear();
  }
  return networks_ != nullptr && networks_->detach(entry->record);
}

void Lifecycle::note_detached(const EntryPointer& entry) {
  if (networks_ != nullptr) networks_->note_detached(entry->record);
}

// What goes wrong is the launch's result.
Awaitable<void> Lifecycle::request_launch(EntryPointer entry, Launch launch) {
  std::optional<Error> refusal;
  bool may_have_a_task = false;
  try {
    check_ceiling(entry->record);
    enter_networks(entry);
    co_await save(entry, Durability::full);
    // Before the task exists: its agent may be faster than the answer.
    services_.agents.expect(entry->record);
    co_await request_task(entry, launch);
  } catch (const Error& error) {
    refusal = error;
    may_have_a_task = outcome_is_open(error);
  }
  if (refusal) {
    if (may_have_a_task) {
      tasks_.spawn("stop lost task",
                   services_.janitor.stop_launch(launch, "sockerless: the answer to RunTask was lost"));
    }
    services_.agents.forget(entry->record.id);
    fail_launch(entry, *refusal, kNeverRan);
  }
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

bool Lifecycle::needs_preparation(const Container& container) const {
  return std::any_of(preparations_.begin(), preparations_.end(),
                     [&](const LaunchPreparation* preparation) { return preparation->is_needed(container); });
}

// The agent is there and holds the command: everything that must come before the command, then go.
Awaitable<void> Lifecycle::release_held(EntryPointer entry, std::string launch_id) {
  // The agent may connect anew meanwhile; what has begun goes on with it.
  if (!preparing_.insert(launch_id).second) co_return;
  const Rollback done([&] { preparing_.erase(launch_id); });
  if (!co_await prepare_launch(entry, launch_id)) co_return;
  co_await open_waiting_clients(entry);
  if (current(entry->record.id, launch_id) != entry) co_return;
  entry->released = true;
  services_.agents.release(entry->record.id);
}

// False if the command must not run, or cannot yet.
Awaitable<bool> Lifecycle::prepare_launch(EntryPointer entry, std::string launch_id) {
  for (;;) {
    std::optional<Error> failure;
    try {
      for (LaunchPreparation* preparation : preparations_) {
        if (preparation->is_needed(entry->record)) co_await preparation->prepare(entry->record);
      }
    } catch (const Error& error) {
      failure = error;
    }
    if (current(entry->record.id, launch_id) != entry) co_return false;
    if (!failure) co_return true;
    if (failure->kind() != ErrorKind::unavailable) {
      fail_launch(entry, *failure, kNeverRan);
      co_return false;
    }
    log.warn("a launch could not be prepared yet",
             {{"container", entry->record.short_id()}, {"error", failure->what()}});
    // Without an agent its next connection begins anew.
    if (!services_.agents.is_connected(entry->record.id)) co_return false;
  }
}

// Every client that attached before the start gets its session before the command may run: so it
// misses no byte.
Awaitable<void> Lifecycle::open_waiting_clients(EntryPointer entry) {
  for (const auto& waiting : std::exchange(entry->waiting_clients, {})) {
    const auto client = waiting.lock();
    if (!client) continue;
    std::unique_ptr<AttachSession> session;
    try {
      session = co_await services_.drivers.process.pick(entry->record).attach(entry->record, client->streams());
    } catch (const Error& error) {
      log.warn("a client could not be attached", {{"container", entry->record.short_id()}, {"error", error.what()}});
    }
    client->provide(std::move(session));
  }
}

// Returns once the current launch has either got going or failed.
Awaitable<void> Lifecycle::await_launch(EntryPointer entry) {
  while (entry->record.state.status == Status::starting && !entry->removed) {
    co_await entry->changed.wait();
  }
}

}  // namespace sockerless::core
