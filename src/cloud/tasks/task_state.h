#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/clock.h"
#include "cloud/ecs_api/types/task.h"
#include "cloud/runner/runner.h"

namespace sockerless::cloud {

// The task as DescribeTasks shows it, and the only code that changes it: every transition keeps
// status, time stamps, attachment, containers and version together. States only go forward.
class TaskState {
 public:
  // `record` is told of every change.
  using Record = std::function<void(const ecs::Task&)>;

  TaskState(ecs::Task task, Clock& clock, Record record)
      : task_(std::move(task)), clock_(clock), record_(std::move(record)) {}

  const ecs::Task& task() const { return task_; }

  bool is_stopping() const { return task_.desired_status == "STOPPED"; }
  bool has_stopped() const { return task_.last_status == "STOPPED"; }

  void set_tags(std::vector<ecs::Tag> tags);
  void connected(const Network& network, const std::string& private_dns_name);
  void pull_started();
  void image_pulled(std::size_t container, const std::string& digest);
  void pull_stopped();
  void activating();
  void container_running(std::size_t container, const std::string& runtime_id);
  void running();

  // The first call counts: its code and reason stay.
  void stop_asked(const std::string& code, const std::string& reason);
  void execution_stopped(Time at);
  void container_health(std::size_t container, const std::string& status, const std::string& of_task);
  void container_failed(std::size_t container, const std::string& reason);
  void container_exited(std::size_t container, const ContainerExit& exit);
  void stopping_containers();
  // DEPROVISIONING and STOPPED in one: the network interface is removed behind the scenes.
  void stopped();
  // For a task that the cloud finds unfinished at its start, when nothing of it runs any more.
  void interrupted();

 private:
  void enter(const std::string& status);
  void changed();
  double now() const { return to_epoch_seconds(clock_.now()); }

  ecs::Task task_;
  Clock& clock_;
  Record record_;
};

}  // namespace sockerless::cloud
