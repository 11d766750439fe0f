#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/event.h"
#include "base/task_group.h"
#include "base/worker_pool.h"
#include "cloud/front/identity.h"
#include "cloud/logs_api/log_store.h"
#include "cloud/tasks/awslogs.h"
#include "cloud/tasks/health.h"
#include "cloud/tasks/machine.h"
#include "cloud/tasks/secret_store.h"
#include "cloud/tasks/task_state.h"
#include "cloud/tasks/volumes.h"

namespace sockerless::cloud {

// What every task uses; outlives them.
struct TaskServices {
  Executor executor;
  Clock& clock;
  WorkerPool& pool;
  Machine& machine;
  logs::LogStore& logs;
  Identity identity;
  std::string folder;                               // every task has one below it
  std::map<std::string, std::string> file_systems;  // EFS id → folder
  std::string architecture;                         // of this machine, amd64 or arm64
  // How long the next task waits before its network is attached; not set: not at all.
  std::function<Clock::Duration()> launch_delay;
  SecretStore secrets{""};
};

// One task from PROVISIONING to STOPPED, and then until nothing of it is left on the machine.
// Network and images are fetched at the same time; nothing waits for a timer unless a delay or a
// stop time-out was asked for. Lives on the loop.
class TaskRun {
 public:
  // A container of the task and how far it is.
  struct ContainerRun {
    enum class Phase { waiting, starting, running, ended };

    std::size_t index = 0;
    ecs::ContainerDefinition definition;
    std::vector<ecs::KeyValue> secrets;  // with their values
    std::string runtime_id;
    std::optional<Image> image;
    std::shared_ptr<Awslogs> log;
    Phase phase = Phase::waiting;
    std::string health = kHealthUnknown;
    std::optional<std::chrono::steady_clock::time_point> started;
    Time created_at;
    Time started_at;
    std::optional<ContainerExit> exit;  // absent: it never ran

    bool has_ended() const { return phase == Phase::ended; }
    bool is_running() const { return phase == Phase::running; }
  };

  // `id` is the last part of the task's ARN.
  TaskRun(TaskServices& services, std::string id, ecs::Task task, ecs::TaskDefinition definition,
          TaskState::Record record);

  // The whole life; runs once. `self` keeps the task alive until nothing of it is left.
  static Awaitable<void> live(std::shared_ptr<TaskRun> self);

  // Instead of live(), for a task of an earlier process: ends it if it had not stopped.
  void found_again();

  // Asks the task to end; no effect once it is ending. Containers get their stop signal and their
  // own time, `grace` instead when it is given.
  void stop(const std::string& code, const std::string& reason, std::optional<Clock::Duration> grace = std::nullopt);

  const std::string& id() const { return id_; }
  const std::string& family() const { return definition_.family; }
  const ecs::Task& task() const { return state_.task(); }
  void set_tags(std::vector<ecs::Tag> tags) { state_.set_tags(std::move(tags)); }
  const ecs::TaskDefinition& definition() const { return definition_; }
  const std::string& region() const { return services_.identity.region; }
  const std::optional<Network>& network() const { return network_; }
  // Empty once the task has stopped.
  const std::vector<ContainerRun>& containers() const { return containers_; }
  bool has_stopped() const { return state_.has_stopped(); }

  // Cuts the task off from every network, or ends that. Throws Error(conflict) if it has none yet.
  Awaitable<void> set_connected(bool connected);
  bool is_partitioned() const { return is_partitioned_; }
  // Kills what runs a program of this name in any of the task's containers: how many processes.
  Awaitable<int> kill_processes(std::string program);

  // How many more times DescribeTasks does not find this task, to imitate a store that is
  // consistent only in the end.
  int describes_to_miss = 0;

 private:
  Awaitable<void> prepare();
  Awaitable<void> connect();
  Awaitable<void> delay_launch();
  Awaitable<void> pull(std::size_t container);
  void check_available() const;
  void fetch_secrets();

  void start_containers();
  Awaitable<void> run_container(std::size_t container);
  Awaitable<bool> await_dependencies(std::size_t container);
  Awaitable<std::string> await_dependency(const ContainerRun& container, ecs::ContainerDependency dependency);
  Awaitable<bool> start_container(ContainerRun& container);
  ContainerSpec spec_of(const ContainerRun& container) const;
  void watch_health(ContainerRun& container);
  void health_changed(ContainerRun& container, const std::string& status);
  void container_ended(ContainerRun& container, const ContainerExit& exit);
  void fail_container(ContainerRun& container, const std::string& reason);

  Awaitable<void> end_containers();
  Awaitable<void> end_container(std::size_t container);
  Awaitable<void> tear_down();

  void fail(const std::string& reason) { stop("TaskFailedToStart", reason); }
  bool all_pulled() const;
  bool all_started() const;
  bool all_ended() const;

  TaskServices& services_;
  std::string id_;
  ecs::TaskDefinition definition_;
  TaskState state_;
  TaskVolumes volumes_;
  std::vector<ContainerRun> containers_;
  std::optional<Network> network_;
  std::optional<Clock::Duration> grace_;
  bool is_connecting_ = false;
  bool is_partitioned_ = false;
  Event changed_;    // pulsed whenever anything here changes: waits look again
  TaskGroup pulls_;  // cancelled when the task ends
  TaskGroup children_;
};

}  // namespace sockerless::cloud
