#include "core/lifecycle.h"

#include "base/log.h"
#include "core/deferred_session.h"
#include "core/errors.h"
#include "core/health.h"

namespace sockerless::core {
namespace {

const Logger log("lifecycle");

constexpr int kNeverRan = 125;  // Docker's exit code for what failed before the command ran
constexpr int kUnknownExit = 255;
constexpr auto kDrainTime = std::chrono::seconds(15);
constexpr auto kResumeRetry = std::chrono::seconds(5);

std::int64_t nanoseconds(Time time) { return time.time_since_epoch().count(); }

}  // namespace

Lifecycle::Lifecycle(Executor executor, Services services, LifecycleSettings settings)
    : services_(services), settings_(settings), tasks_(std::move(executor)) {
  services_.backend.report_to(*this);
  services_.agents.report_to(*this);
}

void Lifecycle::recover() {
  for (auto& [id, document] : services_.store.load(kTable)) {
    Container record = read_row<Container>(kTable, id, document);
    if (record.definition.empty()) {
      tasks_.spawn("abandon registration", abandon_registration(record.id));
      continue;
    }
    table_.claim_name(record.name, record.id);
    const EntryPointer entry = table_.add(std::move(record));
    const State& state = entry->record.state;
    if (state.is_running()) {
      tasks_.spawn("resume launch", resume_launch(entry));
    } else if (state.status == Status::removing) {
      tasks_.spawn("finish removal", run_remove(entry, true));
    } else if (state.restarting) {
      schedule_restart(entry);
    } else if (state.status == Status::exited && entry->record.host_config.auto_remove) {
      tasks_.spawn("remove after exit", run_remove(entry, true));
    }
  }
}

// A create that was interrupted: nobody has been told of the container.
Awaitable<void> Lifecycle::abandon_registration(std::string container_id) {
  co_await services_.janitor.deregister_all(container_id);
  co_await services_.store.erase(kTable, container_id);
}

Awaitable<void> Lifecycle::adopt(Container record) {
  if (table_.is_taken(record.name)) record.name += "_" + record.short_id();
  table_.claim_name(record.name, record.id);
  const EntryPointer entry = table_.add(std::move(record));
  tasks_.spawn("resume launch", resume_launch(entry));
  co_await save(entry, Durability::full);
}

EntryPointer Lifecycle::current(const std::string& container_id, const std::string& launch_id) const {
  const EntryPointer entry = table_.find(container_id);
  if (!entry) return nullptr;
  const Launch* launch = entry->record.current_launch();
  return launch != nullptr && launch->id == launch_id && !launch->has_ended() ? entry : nullptr;
}

Awaitable<void> Lifecycle::save(EntryPointer entry, Durability durability) {
  // A row written after the removal would bring the container back at the next start.
  if (entry->removed) co_return;
  co_await services_.store.put(kTable, entry->record.id, json::to_text(entry->record), durability);
}

void Lifecycle::commit(EntryPointer entry, std::function<void()> published) {
  tasks_.spawn("save container", save_and_publish(std::move(entry), std::move(published)));
}

Awaitable<void> Lifecycle::save_and_publish(EntryPointer entry, std::function<void()> published) {
  try {
    co_await save(entry);
  } catch (const Error& error) {
    // What an agent or the cloud reports is true whether or not it could be written.
    log.error("a change of state is not on disk", {{"container", entry->record.short_id()}, {"error", error.what()}});
  }
  published();
  entry->changed.pulse();
}

void Lifecycle::agent_connected(std::string container_id, std::string launch_id) {
  const EntryPointer entry = current(container_id, launch_id);
  if (!entry) return;
  entry->agent_deadline.reset();
  services_.backend.agent_is_connected(launch_id, true);
  // A container that has been served without an agent stays so.
  if (entry->record.agent == AgentPresence::unknown) {
    entry->record.agent = AgentPresence::connected;
    commit(entry, [] {});
  }
  if (entry->record.current_launch()->held && !entry->released) {
    tasks_.spawn("release held command", release_held(entry, launch_id));
  }
}

void Lifecycle::agent_started(std::string container_id, std::string launch_id, int pid) {
  if (const EntryPointer entry = current(container_id, launch_id)) mark_started(entry, pid);
}

void Lifecycle::mark_started(const EntryPointer& entry, int pid) {
  State& state = entry->record.state;
  if (!state.is_running() || state.started_at != 0) return;
  state.status = Status::running;
  // Until here the last run's outcome stands.
  state.exit_code = 0;
  state.error.clear();
  state.restarting = false;
  state.pid = pid;
  state.started_at = nanoseconds(services_.clock.now());
  begin_health(entry->record);
  log.info("container started", {{"container", entry->record.short_id()}, {"name", entry->record.name}});
  commit(entry, [this, entry] {
    services_.events.publish(entry->record, "start");
    // What ended or failed meanwhile has that told in its turn, to start too.
    if (!entry->record.state.is_running()) return;
    if (!entry->result) entry->result = LaunchResult{};
    for (ContainerObserver* observer : observers_) observer->container_started(entry);
  });
}

void Lifecycle::agent_start_failed(std::string container_id, std::string launch_id, int exit_code, std::string text) {
  const EntryPointer entry = current(container_id, launch_id);
  if (!entry) return;
  fail_launch(entry, runtime_refused(text), exit_code);
}

void Lifecycle::agent_exited(std::string container_id, std::string launch_id, int exit_code,
                             std::optional<std::int64_t> log_events) {
  const EntryPointer entry = current(container_id, launch_id);
  if (!entry) {
    services_.agents.acknowledge_exit(container_id);
    return;
  }
  mark_started(entry, 0);
  finish(entry, {.exit_code = exit_code, .log_events = log_events});
}

void Lifecycle::agent_lost(std::string container_id, std::string launch_id) {
  if (current(container_id, launch_id)) services_.backend.agent_is_connected(launch_id, false);
}

void Lifecycle::task_changed(TaskReport report) {
  const EntryPointer entry = current(report.container_id, report.launch_id);
  if (!entry) {
    if (report.phase == TaskReport::Phase::stopped) services_.backend.unwatch(report.launch_id);
    return;
  }
  switch (report.phase) {
    case TaskReport::Phase::pending:
      if (!report.address.empty()) {
        // The agent may answer before ECS shows that the task runs. One that has begun and is pending is about to
        // end, and its last report is waited for.
        const bool has_begun = entry->record.state.started_at != 0;
        services_.agents.task_address(report.container_id, report.address, has_begun);
      }
      return;
    case TaskReport::Phase::running:
      if (!report.address.empty()) {
        services_.agents.task_address(report.container_id, report.address, true);
      }
      watch_for_agent(entry);
      return;
    case TaskReport::Phase::stopped:
      services_.backend.unwatch(report.launch_id);
      if (report.exit_code) {
        mark_started(entry, 0);
        finish(entry, {.exit_code = *report.exit_code,
                       .out_of_memory = report.out_of_memory,
                       .error = report.out_of_memory ? report.reason : ""});
      } else {
        stopped_without_exit_code(entry, report);
      }
      return;
  }
}

void Lifecycle::stopped_without_exit_code(const EntryPointer& entry, const TaskReport& report) {
  if (entry->record.state.started_at == 0) {
    // The container's end that a stop asked for is no failure to start.
    if (entry->record.current_launch()->claimed_exit_code) {
      finish(entry, {});
    } else {
      fail_launch(entry, Error(ErrorKind::internal, report.reason), kNeverRan);
    }
    return;
  }
  finish(entry, {.exit_code = kUnknownExit, .error = report.reason});
}

void Lifecycle::finish(const EntryPointer& entry, Ending ending) {
  Launch& launch = *entry->record.current_launch();
  if (launch.has_ended()) return;
  const auto now = nanoseconds(services_.clock.now());
  launch.ended_at = now;
  launch.log_events = ending.log_events;
  State& state = entry->record.state;
  state.status = Status::exited;
  state.pid = 0;
  state.exit_code = launch.claimed_exit_code.value_or(ending.exit_code);
  state.out_of_memory = ending.out_of_memory;
  state.error = ending.error;
  state.finished_at = now;
  // So says Docker of a check that is over, healthy or not.
  if (state.health) state.health->status = "unhealthy";
  plan_restart(entry, ending);
  entry->agent_deadline.reset();
  // From now on the cloud is asked whether the task has really stopped.
  services_.backend.agent_is_connected(launch.id, false);
  const bool had_endpoints = leave_networks(entry);
  release_clients(entry);
  log.info("container exited",
           {{"container", entry->record.short_id()}, {"name", entry->record.name}, {"exit_code", state.exit_code}});
  const bool goes = entry->record.host_config.auto_remove && !entry->is_being_restarted;
  commit(entry, [this, entry, goes, had_endpoints] {
    services_.agents.acknowledge_exit(entry->record.id);
    services_.events.publish(entry->record, "die", {{"exitCode", std::to_string(entry->record.state.exit_code)}});
    if (had_endpoints) note_detached(entry);
    ++entry->exits;
    if (!entry->result) entry->result = LaunchResult{};
    for (ContainerObserver* observer : observers_) observer->container_ended(entry);
    if (entry->record.state.restarting) {
      schedule_restart(entry);
    } else if (goes) {
      tasks_.spawn("remove after exit", remove_after_exit(entry));
    }
  });
}

// The launch came to nothing: before start has answered the container is as it was before, after
// that it has exited.
void Lifecycle::fail_launch(const EntryPointer& entry, const Error& why, int exit_code) {
  const std::string task = entry->record.current_launch()->task;
  if (!task.empty()) {
    tasks_.spawn("stop failed task", services_.janitor.stop_task(task, "sockerless: the launch failed"));
  }
  if (entry->start_answered) {
    finish(entry, {.exit_code = exit_code, .error = why.what(), .is_final = why.kind() == ErrorKind::invalid_argument});
    return;
  }
  // An agent that was faster than this may have called it a success.
  entry->result.reset();
  Launch& launch = *entry->record.current_launch();
  launch.ended_at = nanoseconds(services_.clock.now());
  launch.log_events = 0;
  State& state = entry->record.state;
  state.status = state.finished_at == 0 ? Status::created : Status::exited;
  state.exit_code = exit_code;
  state.error = why.what();
  state.pid = 0;
  entry->agent_deadline.reset();
  services_.backend.unwatch(launch.id);
  const bool had_endpoints = leave_networks(entry);
  release_clients(entry);
  log.info("container failed to start",
           {{"container", entry->record.short_id()}, {"name", entry->record.name}, {"error", why.what()}});
  commit(entry, [this, entry, why, had_endpoints] {
    services_.agents.acknowledge_exit(entry->record.id);
    if (had_endpoints) note_detached(entry);
    entry->result = LaunchResult{why};
    if (entry->record.host_config.auto_remove) {
      tasks_.spawn("remove after failed start", remove_after_exit(entry));
    }
  });
}

// Clients that still wait for a session will get none from this launch.
void Lifecycle::release_clients(const EntryPointer& entry) {
  for (const auto& waiting : std::exchange(entry->waiting_clients, {})) {
    if (const auto client = waiting.lock()) client->provide(nullptr);
  }
}

void Lifecycle::watch_for_agent(const EntryPointer& entry) {
  if (entry->agent_deadline || services_.agents.is_connected(entry->record.id)) return;
  if (entry->record.agent == AgentPresence::absent) {
    mark_started(entry, 0);
    return;
  }
  // The entry owns the timer, so the timer must not own the entry.
  entry->agent_deadline = services_.clock.after(settings_.agent_wait, [this, weak = std::weak_ptr(entry)] {
    if (const EntryPointer alive = weak.lock()) agent_missed_its_deadline(alive);
  });
}

void Lifecycle::agent_missed_its_deadline(const EntryPointer& entry) {
  const bool is_needed =
      entry->attached > 0 || entry->record.current_launch()->held || entry->record.agent == AgentPresence::connected;
  if (is_needed) {
    fail_launch(entry,
                Error(ErrorKind::unavailable,
                      "the agent in the task did not connect in time; check that the task can reach "
                      "the callback URL, or that the daemon can reach port 9111 of the task"),
                kNeverRan);
    return;
  }
  entry->record.agent = AgentPresence::absent;
  log.warn("container has no agent: exec, attach and cp will be synthetic",
           {{"container", entry->record.short_id()}, {"name", entry->record.name}});
  mark_started(entry, 0);
}

// The output must have reached those who read it before the agent is let go.
Awaitable<void> Lifecycle::remove_after_exit(EntryPointer entry) {
  const auto deadline = services_.clock.steady_now() + kDrainTime;
  while (entry->attached > 0 && !entry->removed) {
    const auto left = deadline - services_.clock.steady_now();
    if (left <= left.zero() || !co_await entry->changed.wait_for(services_.clock, left)) break;
  }
  if (!entry->removed && entry->record.state.status != Status::removing) {
    co_await run_remove(entry, true);
  }
}

// After a restart of the daemon: the agent calls again or is dialled again, the task is watched.
Awaitable<void> Lifecycle::resume_launch(EntryPointer entry) {
  Launch launch = *entry->record.current_launch();
  entry->start_answered = entry->record.state.status == Status::running || entry->record.state.restarting;
  entry->released = entry->record.state.started_at != 0;
  if (publisher_ != nullptr) publisher_->reopen(entry->record);
  services_.agents.expect(entry->record);
  if (launch.task.empty()) {
    const auto found = co_await find_lost_task(entry, launch);
    if (!current(entry->record.id, launch.id)) co_return;
    if (!found) {
      // It may show up late.
      tasks_.spawn("stop lost task", services_.janitor.stop_launch(launch, "sockerless: its daemon was ended"));
      fail_launch(entry,
                  Error(ErrorKind::unavailable, "the daemon was ended before the task was requested; start it again"),
                  kNeverRan);
      co_return;
    }
    entry->record.current_launch()->task = launch.task = *found;
    co_await save(entry, Durability::full);
  }
  services_.backend.watch(entry->record.id, launch);
}

// Asks until there is an answer: without one the container can be neither running nor not.
Awaitable<std::optional<std::string>> Lifecycle::find_lost_task(EntryPointer entry, Launch launch) {
  for (;;) {
    try {
      co_return co_await services_.backend.find_task(launch);
    } catch (const Error& error) {
      log.warn("cannot ask for the task of an interrupted launch, will be tried again",
               {{"container", entry->record.short_id()}, {"error", error.what()}});
    }
    co_await services_.clock.sleep(kResumeRetry);
  }
}

Awaitable<void> Lifecycle::to_the_end(std::string name, Awaitable<void> work) {
  struct Outcome {
    Event ended;
    std::exception_ptr failure;
  };
  auto outcome = std::make_shared<Outcome>();
  const auto note = [](Awaitable<void> inner, std::shared_ptr<Outcome> out) -> Awaitable<void> {
    try {
      co_await std::move(inner);
    } catch (const Error&) {
      out->failure = std::current_exception();
    }
    out->ended.set();
  };
  tasks_.spawn(std::move(name), note(std::move(work), outcome));
  co_await outcome->ended.wait();
  if (outcome->failure) std::rethrow_exception(outcome->failure);
}

}  // namespace sockerless::core
