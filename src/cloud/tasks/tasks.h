#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cloud/state/state_store.h"
#include "cloud/tasks/task_run.h"

namespace sockerless::cloud {

// All tasks of the cloud, running ones and those that stopped less than an hour ago. Kept in the
// store: a cloud that is started again knows them all, and those that ran have stopped with it.
class Tasks {
 public:
  Tasks(TaskServices services, StateStore& state);

  // Accepts the task, in PROVISIONING, and begins its life. `id` is new, see make_id.
  TaskRun& launch(std::string id, ecs::Task task, ecs::TaskDefinition definition);

  // 32 lower-case hexadecimal digits.
  static std::string make_id();

  // Null if there is none, or none any more.
  TaskRun* find(const std::string& id);

  // In the order of launching, by a key that sorts so. The key stays the same for a task's life.
  const std::map<std::string, std::shared_ptr<TaskRun>>& all();

  // Those of them that have something on the machine: what has not stopped, and what is being cleared away.
  const std::map<std::string, std::shared_ptr<TaskRun>>& living() const { return living_; }

  // The keys of those that were launched under this name, in the same order.
  std::vector<std::string> started_by(const std::string& name) const;

  // Stops every task, lets containers end for `grace`, then kills them, and returns when nothing is
  // left on the machine.
  Awaitable<void> shut_down(Clock::Duration grace);

  const TaskServices& services() const { return services_; }

 private:
  Awaitable<void> live(std::string key, std::shared_ptr<TaskRun> task);
  void load();
  void restore(const std::string& key, const std::string& document);
  void add(const std::string& key, const std::shared_ptr<TaskRun>& run);
  TaskState::Record recorder(std::string key, std::string id);
  void forget_expired();

  struct Stopped {
    std::string key;
    std::chrono::steady_clock::time_point at;
  };

  TaskServices services_;
  StateStore& state_;
  std::map<std::string, std::shared_ptr<TaskRun>> by_key_;
  std::map<std::string, std::string> key_by_id_;
  std::map<std::string, std::set<std::string>> keys_by_starter_;
  std::map<std::string, std::shared_ptr<TaskRun>> living_;
  std::deque<Stopped> stopped_;  // oldest first
  std::uint64_t next_ = 0;
  Event ended_;
  TaskGroup lives_;
};

}  // namespace sockerless::cloud
