#include "cloud/tasks/tasks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/log.h"
#include "base/rollback.h"

namespace sockerless::cloud {
namespace {

const Logger log("tasks");

// How long a stopped task can be described.
constexpr auto kKeepStopped = std::chrono::hours(1);

const std::string kTable = "tasks";

struct TaskRow {
  std::string id;
  ecs::Task task;

  static constexpr auto fields() {
    return std::tuple{json::field("id", &TaskRow::id), json::field("task", &TaskRow::task)};
  }
};

// "arn:…:task-definition/web:3" → web
std::string family_of(const std::string& arn) {
  const auto slash = arn.rfind('/');
  return arn.substr(slash + 1, arn.rfind(':') - slash - 1);
}

}  // namespace

Tasks::Tasks(TaskServices services, StateStore& state)
    : services_(std::move(services)), state_(state), lives_(services_.executor) {
  load();
}

void Tasks::load() {
  const auto rows = state_.load(kTable);
  for (const auto& [key, document] : rows) restore(key, document);
  if (!rows.empty()) next_ = std::stoull(rows.back().first, nullptr, 16) + 1;
  // forget_expired() looks at the oldest only.
  std::sort(stopped_.begin(), stopped_.end(), [](const Stopped& l, const Stopped& r) { return l.at < r.at; });
}

void Tasks::restore(const std::string& key, const std::string& document) {
  auto [id, task] = read_row<TaskRow>(kTable, key, document);
  const bool was_alive = task.last_status != "STOPPED";
  const Time now = services_.clock.now();
  const Time stopped = was_alive ? now : from_epoch_seconds(task.stopped_at);
  if (now - stopped > kKeepStopped) {
    state_.erase(kTable, key);
    return;
  }
  ecs::TaskDefinition definition;
  definition.family = family_of(task.task_definition_arn);
  const auto run = std::make_shared<TaskRun>(services_, id, std::move(task), std::move(definition), recorder(key, id));
  run->found_again();
  add(key, run);
  stopped_.push_back({key, services_.clock.steady_now() - (now - stopped)});
  if (was_alive) log.warn("task of a killed cloud has been ended", {{"task", id}});
}

TaskState::Record Tasks::recorder(std::string key, std::string id) {
  return [this, key = std::move(key), id = std::move(id)](const ecs::Task& task) {
    state_.put(kTable, key, json::to_text(TaskRow{id, task}));
  };
}

void Tasks::add(const std::string& key, const std::shared_ptr<TaskRun>& run) {
  by_key_[key] = run;
  key_by_id_[run->id()] = key;
  if (const std::string& name = run->task().started_by; !name.empty()) keys_by_starter_[name].insert(key);
}

std::vector<std::string> Tasks::started_by(const std::string& name) const {
  const auto found = keys_by_starter_.find(name);
  if (found == keys_by_starter_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::string Tasks::make_id() { return random_hex(16); }

TaskRun& Tasks::launch(std::string id, ecs::Task task, ecs::TaskDefinition definition) {
  forget_expired();
  const std::string key = fmt::format("{:016x}", next_++);
  const auto record = recorder(key, id);
  record(task);
  const auto run = std::make_shared<TaskRun>(services_, id, std::move(task), std::move(definition), record);
  add(key, run);
  living_[key] = run;
  log.info("task accepted", {{"task", id}, {"family", run->family()}});
  lives_.spawn("task " + id, live(key, run));
  return *run;
}

Awaitable<void> Tasks::live(std::string key, std::shared_ptr<TaskRun> task) {
  const Rollback note_end([&] {
    living_.erase(key);
    stopped_.push_back({std::move(key), services_.clock.steady_now()});
    ended_.pulse();
  });
  co_await TaskRun::live(std::move(task));
}

TaskRun* Tasks::find(const std::string& id) {
  forget_expired();
  const auto key = key_by_id_.find(id);
  return key == key_by_id_.end() ? nullptr : by_key_.at(key->second).get();
}

const std::map<std::string, std::shared_ptr<TaskRun>>& Tasks::all() {
  forget_expired();
  return by_key_;
}

Awaitable<void> Tasks::shut_down(Clock::Duration grace) {
  for (const auto& [key, task] : by_key_) {
    task->stop("TerminationNotice", "The local cloud is shutting down.", grace);
  }
  while (!living_.empty()) co_await ended_.wait();
}

void Tasks::forget_expired() {
  const auto now = services_.clock.steady_now();
  while (!stopped_.empty() && now - stopped_.front().at > kKeepStopped) {
    const auto expired = by_key_.find(stopped_.front().key);
    key_by_id_.erase(expired->second->id());
    const auto starter = keys_by_starter_.find(expired->second->task().started_by);
    if (starter != keys_by_starter_.end()) {
      starter->second.erase(expired->first);
      if (starter->second.empty()) keys_by_starter_.erase(starter);
    }
    state_.erase(kTable, expired->first);
    by_key_.erase(expired);
    stopped_.pop_front();
  }
}

}  // namespace sockerless::cloud
