#include "core/orphans.h"

#include <algorithm>

#include "base/log.h"

namespace sockerless::core {
namespace {

const Logger log("orphans");

constexpr const char* kReason = "sockerless: no record of this task";

}  // namespace

Orphans::Orphans(Executor executor, Clock& clock, Inventory& inventory, Lifecycle& lifecycle, Janitor& janitor)
    : Orphans(std::move(executor), clock, inventory, lifecycle, janitor, OrphanSettings()) {}

Orphans::Orphans(Executor executor, Clock& clock, Inventory& inventory, Lifecycle& lifecycle, Janitor& janitor,
                 OrphanSettings settings)
    : clock_(clock),
      inventory_(inventory),
      lifecycle_(lifecycle),
      janitor_(janitor),
      settings_(settings),
      tasks_(std::move(executor)) {}

void Orphans::start() { tasks_.spawn("look for orphans", run()); }

Awaitable<void> Orphans::run() {
  auto next_definitions = clock_.steady_now();
  for (;;) {
    try {
      co_await look_at_tasks();
      if (clock_.steady_now() >= next_definitions) {
        co_await look_at_definitions();
        next_definitions = clock_.steady_now() + settings_.definition_interval;
      }
    } catch (const Error& error) {
      log.warn("cannot compare the records with the cloud, will be tried again", {{"error", error.what()}});
    }
    co_await clock_.sleep(settings_.interval);
  }
}

bool Orphans::is_old_enough(Time since) const { return clock_.now() - since >= settings_.least_age; }

// For as long as a task has to be old: the cloud's clock and this one may differ, by any time.
bool Orphans::has_been_suspect(const std::string& task) const {
  return clock_.steady_now() - suspects_.at(task) >= settings_.least_age;
}

// A record, or a duty that will end it, stands for the task.
bool Orphans::is_known(const OwnedTask& task) const {
  if (janitor_.is_about(task.task, task.launch_id)) return true;
  const EntryPointer entry = lifecycle_.table().find(task.container_id);
  if (!entry) return false;
  const auto& launches = entry->record.launches;
  return std::any_of(launches.begin(), launches.end(),
                     [&](const Launch& launch) { return launch.id == task.launch_id && !launch.has_ended(); });
}

// The task of a launch that has ended on record: it ends by itself, or has been forgotten.
bool Orphans::is_leftover(const OwnedTask& task) const { return lifecycle_.table().find(task.container_id) != nullptr; }

// Of the launches that have not ended.
std::set<std::string> Orphans::tasks_on_record() const {
  std::set<std::string> known;
  for (const EntryPointer& entry : lifecycle_.table().all()) {
    const Launch* launch = entry->record.current_launch();
    if (launch != nullptr && !launch->has_ended() && !launch->task.empty()) known.insert(launch->task);
  }
  return known;
}

Awaitable<void> Orphans::look_at_tasks() {
  std::map<std::string, std::chrono::steady_clock::time_point> unknown;
  for (const OwnedTask& task : co_await inventory_.tasks(tasks_on_record())) {
    if (is_known(task)) continue;
    if (!is_leftover(task) && co_await adopt(task)) continue;
    // Asked anew: while the cloud was asked, the launch may have been recorded.
    if (is_known(task)) continue;
    const auto suspect = suspects_.find(task.task);
    const bool was_suspect = suspect != suspects_.end();
    unknown[task.task] = was_suspect ? suspect->second : clock_.steady_now();
    if (!was_suspect || !(is_old_enough(task.created_at) || has_been_suspect(task.task))) continue;
    log.warn("stopping a task that no record knows", {{"task", task.task}, {"container", task.container_id}});
    co_await janitor_.stop_task(task.task, kReason);
  }
  suspects_ = std::move(unknown);
}

Awaitable<bool> Orphans::adopt(OwnedTask task) {
  auto record = co_await inventory_.rebuild(task);
  if (!record || lifecycle_.table().find(task.container_id) || janitor_.is_about(task.task, task.launch_id)) {
    co_return false;
  }
  co_await lifecycle_.adopt(std::move(*record));
  log.info("adopted a running container that was not on record",
           {{"container", task.container_id.substr(0, 12)}, {"task", task.task}});
  co_return true;
}

Awaitable<void> Orphans::look_at_definitions() {
  std::vector<std::string> known;
  for (const EntryPointer& entry : lifecycle_.table().all()) known.push_back(entry->record.id);
  for (const OwnedDefinition& found : co_await inventory_.definitions(std::move(known))) {
    const bool is_needed = lifecycle_.table().find(found.container_id) || janitor_.is_about(found.definition, "");
    if (is_needed || !is_old_enough(found.registered_at)) continue;
    log.warn("deregistering a task definition that no record knows", {{"definition", found.definition}});
    co_await janitor_.deregister(found.definition);
  }
}

}  // namespace sockerless::core
