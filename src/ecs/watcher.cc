#include "ecs/watcher.h"

#include "base/log.h"
#include "ecs/settings.h"
#include "ecs/stop_reasons.h"

namespace sockerless::ecs {
namespace {

const Logger log("watcher");

constexpr std::size_t kMostTasks = 100;  // of one DescribeTasks
constexpr auto kAfterFailure = std::chrono::seconds(1);
constexpr Clock::Duration kNothingToDo = std::chrono::hours(1);

// The next multiple of the interval. Tasks with the same interval come due at the same moment, however
// their launches were spread, and so share their calls.
std::chrono::steady_clock::time_point next_multiple(std::chrono::steady_clock::time_point now,
                                                    Clock::Duration interval) {
  const auto later = now.time_since_epoch() + interval;
  return std::chrono::steady_clock::time_point(later - later % interval);
}

}  // namespace

core::TaskReport report_of(const aws::Task& task) {
  core::TaskReport report;
  const aws::TaskContainer* main = task.find_container(kMainContainer);
  if (main != nullptr) report.exit_code = main->exit_code;
  report.address = task.private_address();
  const bool is_over = task.last_status == "DEPROVISIONING" || task.last_status == "STOPPED" ||
                       task.last_status == "DELETED" || report.exit_code.has_value();
  if (is_over) {
    report.phase = core::TaskReport::Phase::stopped;
    report.out_of_memory = ran_out_of_memory(task);
    report.reason = explain_stop(task);
  } else if (task.last_status == "RUNNING") {
    report.phase = core::TaskReport::Phase::running;
  }
  return report;
}

Watcher::Watcher(Clock& clock, aws::Ecs& ecs, WatcherSettings settings, PublicAddresses* public_addresses)
    : clock_(clock), ecs_(ecs), settings_(std::move(settings)), public_addresses_(public_addresses) {}

void Watcher::watch(std::string container_id, const core::Launch& launch) {
  const auto now = clock_.steady_now();
  // Of a launch from before the daemon's start, only what is left of the grace counts.
  const auto age = clock_.now().time_since_epoch() - std::chrono::nanoseconds(launch.requested_at);
  const bool had_agent = watched_.contains(launch.id) && watched_[launch.id].has_agent;
  watched_[launch.id] = {.container_id = std::move(container_id),
                         .task = launch.task,
                         .last_shown = had_agent ? now : now - std::max(age, Clock::Duration::zero()),
                         .due = first_look_after(now),
                         .interval = settings_.first_look,
                         .has_agent = had_agent};
  changed_.pulse();
}

// Early looks after a launch are for whoever waits for it, and are its own.
Watcher::Moment Watcher::first_look_after(Moment now) const {
  const bool is_early = settings_.first_look < settings_.launching;
  return is_early ? now + settings_.first_look : next_multiple(now, settings_.first_look);
}

void Watcher::agent_is_connected(const std::string& launch_id, bool connected) {
  const auto found = watched_.find(launch_id);
  if (found == watched_.end() && !connected) return;
  // An agent may call before RunTask has answered; what it says is remembered for watch().
  Watched& watched = found == watched_.end() ? watched_[launch_id] : found->second;
  watched.has_agent = connected;
  const auto now = clock_.steady_now();
  watched.last_shown = now;
  watched.due = connected ? next_multiple(now, settings_.with_agent) : now;
  changed_.pulse();
}

void Watcher::look_soon(const std::string& task) {
  for (auto& [launch_id, watched] : watched_) {
    if (watched.task != task) continue;
    watched.interval = settings_.first_look;
    watched.due = clock_.steady_now() + settings_.first_look;
  }
  changed_.pulse();
}

std::vector<std::string> Watcher::due_now(Moment now) const {
  std::vector<std::string> launches;
  for (const auto& [launch_id, watched] : watched_) {
    if (watched.due > now || watched.task.empty()) continue;
    launches.push_back(launch_id);
    if (launches.size() == kMostTasks) break;
  }
  return launches;
}

Clock::Duration Watcher::until_next(Moment now) const {
  Clock::Duration shortest = kNothingToDo;
  for (const auto& [launch_id, watched] : watched_) {
    if (!watched.task.empty()) shortest = std::min<Clock::Duration>(shortest, watched.due - now);
  }
  return shortest;
}

Awaitable<void> Watcher::run() {
  for (;;) {
    const auto now = clock_.steady_now();
    const auto due = due_now(now);
    if (due.empty()) {
      co_await changed_.wait_for(clock_, until_next(now));
      continue;
    }
    bool failed = false;
    try {
      co_await look(due);
    } catch (const Error& error) {
      log.warn("tasks could not be described, will be tried again", {{"error", error.what()}});
      failed = true;
    }
    if (failed) co_await clock_.sleep(kAfterFailure);
  }
}

Awaitable<void> Watcher::look(std::vector<std::string> launches) {
  std::map<std::string, std::string> launch_of;
  aws::DescribeTasksRequest request;
  request.cluster = settings_.cluster;
  for (const std::string& launch_id : launches) {
    Watched& watched = watched_.at(launch_id);
    launch_of[watched.task] = launch_id;
    request.tasks.push_back(watched.task);
    plan_next_look(watched);
  }
  const aws::DescribeTasksResponse response = co_await ecs_.describe_tasks(std::move(request));
  for (const aws::Task& task : response.tasks) {
    if (const auto found = launch_of.find(task.task_arn); found != launch_of.end()) {
      co_await see(found->second, task);
    }
  }
  for (const aws::Failure& failure : response.failures) {
    if (const auto found = launch_of.find(failure.arn); found != launch_of.end()) {
      missing(found->second);
    }
  }
}

void Watcher::plan_next_look(Watched& watched) const {
  if (watched.has_agent) {
    watched.interval = settings_.with_agent;
  } else if (watched.phase == core::TaskReport::Phase::pending) {
    watched.interval = std::min(watched.interval * 2, settings_.launching);
  } else {
    watched.interval = settings_.running;
  }
  const auto now = clock_.steady_now();
  watched.due = watched.interval < settings_.launching ? now + watched.interval : next_multiple(now, watched.interval);
}

Awaitable<void> Watcher::see(std::string launch_id, aws::Task task) {
  std::string address;
  if (public_addresses_ != nullptr) {
    if (task.last_status == "RUNNING") address = co_await public_addresses_->find(task);
    if (task.last_status == "STOPPED") public_addresses_->forget(task.task_arn);
  }
  seen(launch_id, task, address);
}

void Watcher::seen(const std::string& launch_id, const aws::Task& task, const std::string& public_address) {
  const auto found = watched_.find(launch_id);
  if (found == watched_.end()) return;
  found->second.last_shown = clock_.steady_now();
  // An older description must not undo a newer one.
  if (task.version <= found->second.version) return;
  found->second.version = task.version;
  core::TaskReport report = report_of(task);
  if (!public_address.empty()) report.address = public_address;
  // It may get a public address yet, and then the private one is of no use.
  const bool may_change = public_addresses_ != nullptr && report.phase == core::TaskReport::Phase::pending;
  if (may_change) report.address.clear();
  found->second.phase = report.phase;
  report.container_id = found->second.container_id;
  report.launch_id = launch_id;
  report.at = clock_.now();
  observer_->task_changed(std::move(report));
}

void Watcher::missing(const std::string& launch_id) {
  const auto found = watched_.find(launch_id);
  if (found == watched_.end()) return;
  // Its agent proves that it runs.
  if (found->second.has_agent) return;
  if (clock_.steady_now() - found->second.last_shown < settings_.grace) return;
  core::TaskReport report;
  report.container_id = found->second.container_id;
  report.launch_id = launch_id;
  report.phase = core::TaskReport::Phase::stopped;
  report.reason = "ECS knows nothing of the task any more; how it ended is not known";
  report.at = clock_.now();
  observer_->task_changed(std::move(report));
}

}  // namespace sockerless::ecs
