#include "cloud/tasks/tasks.h"

#include <fmt/format.h>

#include "base/id.h"
#include "base/log.h"
#include "base/rollback.h"

namespace sockerless::cloud {
namespace {

const Logger log("tasks");

// How long a stopped task can be described.
constexpr auto kKeepStopped = std::chrono::hours(1);

}  // namespace

Tasks::Tasks(TaskServices services) : services_(std::move(services)), lives_(services_.executor) {}

std::string Tasks::make_id() { return random_hex(16); }

TaskRun& Tasks::launch(std::string id, ecs::Task task, ecs::TaskDefinition definition) {
  forget_expired();
  const std::string key = fmt::format("{:016x}", next_++);
  const auto run = std::make_shared<TaskRun>(services_, id, std::move(task), std::move(definition));
  by_key_[key] = run;
  key_by_id_[id] = key;
  ++living_;
  log.info("task accepted", {{"task", id}, {"family", run->family()}});
  lives_.spawn("task " + id, live(key, run));
  return *run;
}

Awaitable<void> Tasks::live(std::string key, std::shared_ptr<TaskRun> task) {
  const Rollback note_end([&] {
    stopped_.push_back({std::move(key), services_.clock.steady_now()});
    --living_;
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
  while (living_ > 0) co_await ended_.wait();
}

void Tasks::forget_expired() {
  const auto now = services_.clock.steady_now();
  while (!stopped_.empty() && now - stopped_.front().at > kKeepStopped) {
    const auto expired = by_key_.find(stopped_.front().key);
    key_by_id_.erase(expired->second->id());
    by_key_.erase(expired);
    stopped_.pop_front();
  }
}

}  // namespace sockerless::cloud
