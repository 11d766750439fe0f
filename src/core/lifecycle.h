#pragma once

#include <functional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/task_group.h"
#include "core/backend.h"
#include "core/container_observer.h"
#include "core/container_table.h"
#include "core/drivers.h"
#include "core/events.h"
#include "core/janitor.h"
#include "core/launch_preparation.h"
#include "core/network_attachment.h"
#include "core/port_publisher.h"
#include "core/store.h"

namespace sockerless::core {

struct LifecycleSettings {
  // start answers after this time even if the task is still coming up (SOCKERLESS_START_WAIT).
  Clock::Duration start_wait = std::chrono::seconds(50);
  // From the task's first RUNNING until its agent must have connected.
  Clock::Duration agent_wait = std::chrono::seconds(60);
  // How long stop waits for the process to end.
  Clock::Duration stop_wait = std::chrono::seconds(50);
  // Tasks that a restart policy launches in an hour, for one container (SOCKERLESS_RESTART_LIMIT).
  int restart_limit = 10;
  // Containers that may run at a time; 0: as many as AWS lets (SOCKERLESS_MAX_TASKS).
  int max_tasks = 0;
};

// The services that core works with; all outlive it.
struct Services {
  Clock& clock;
  Store& store;
  Events& events;
  Backend& backend;
  Agents& agents;
  Drivers& drivers;
  Janitor& janitor;
};

// How a client wants a container stopped. Without a wish the task is stopped as Fargate stops tasks.
struct StopRequest {
  std::optional<int> seconds;  // that the process has to end by itself; negative: for ever
  std::optional<int> signal;   // instead of the container's own

  bool has_wish() const { return seconds || signal; }
};

// The only code that changes a container's state: it does the record, the store, the waiters and
// the events together. Listens to the agents and to the backend; of what both report, the first
// counts. Lives on the daemon's loop.
class Lifecycle final : public TaskObserver, public AgentObserver {
 public:
  static constexpr const char* kTable = "containers";  // of the store

  Lifecycle(Executor executor, Services services, LifecycleSettings settings);

  ContainerTable& table() { return table_; }
  const ContainerTable& table() const { return table_; }

  // Before recover(); outlives the containers' work.
  void prepare_with(LaunchPreparation& preparation) { preparations_.push_back(&preparation); }

  // Before recover(); outlives the containers' work. Without one no ports are published.
  void publish_with(PortPublisher& publisher) { publisher_ = &publisher; }

  // Before recover(); outlives the containers' work. Without one containers have no endpoints.
  void attach_with(NetworkAttachment& networks) { networks_ = &networks; }

  // Before recover(); the observer outlives the containers' work.
  void observe(ContainerObserver& observer) { observers_.push_back(&observer); }

  // Loads the records of an earlier process and goes on with what was under way.
  void recover();

  // Takes a container on record whose task was found running. Its name gives way to one that is taken.
  Awaitable<void> adopt(Container record);

  // All of these finish what they have begun even if the caller is cancelled.

  // Runs the container as a new task. Throws Error(not_modified) if it runs already, and what made
  // the launch fail.
  Awaitable<void> start(EntryPointer entry);
  // Throws Error(not_modified) if it does not run.
  Awaitable<void> stop(EntryPointer entry, StopRequest request);
  // Throws not_running. The signals that end a container stop its task; any other is delivered.
  Awaitable<void> kill(EntryPointer entry, int signal);
  // Throws container_is_running (without force) or removal_in_progress.
  Awaitable<void> remove(EntryPointer entry, bool force);

  // Writes the record. Throws Error(internal).
  Awaitable<void> save(EntryPointer entry, Durability durability = Durability::relaxed);

  // Runs the work in the daemon's own group and waits for it: a caller that is cancelled leaves the
  // work running. Throws what the work throws.
  Awaitable<void> to_the_end(std::string name, Awaitable<void> work);

  Awaitable<void> shut_down();

  // AgentObserver
  void agent_connected(std::string container_id, std::string launch_id) override;
  void agent_started(std::string container_id, std::string launch_id, int pid) override;
  void agent_start_failed(std::string container_id, std::string launch_id, int exit_code, std::string text) override;
  void agent_exited(std::string container_id, std::string launch_id, int exit_code,
                    std::optional<std::int64_t> log_events) override;
  void agent_lost(std::string container_id, std::string launch_id) override;

  // TaskObserver
  void task_changed(TaskReport report) override;

 private:
  struct Ending {
    int exit_code = 0;
    bool out_of_memory = false;
    std::string error;
    std::optional<std::int64_t> log_events;
    bool is_final = false;  // another run would end the same way
  };

  // The entry if the launch is its current one and has not ended; else null.
  EntryPointer current(const std::string& container_id, const std::string& launch_id) const;

  // Writes the record in the background and calls `published` once that is done.
  void commit(EntryPointer entry, std::function<void()> published);
  Awaitable<void> save_and_publish(EntryPointer entry, std::function<void()> published);

  void mark_started(const EntryPointer& entry, int pid);
  void finish(const EntryPointer& entry, Ending ending);
  void fail_launch(const EntryPointer& entry, const Error& why, int exit_code);
  void stopped_without_exit_code(const EntryPointer& entry, const TaskReport& report);
  void release_clients(const EntryPointer& entry);
  void watch_for_agent(const EntryPointer& entry);
  void agent_missed_its_deadline(const EntryPointer& entry);
  Awaitable<void> release_held(EntryPointer entry, std::string launch_id);
  Awaitable<bool> prepare_launch(EntryPointer entry, std::string launch_id);
  bool needs_preparation(const Container& container) const;
  Awaitable<void> open_waiting_clients(EntryPointer entry);
  Awaitable<void> remove_after_exit(EntryPointer entry);

  void plan_restart(const EntryPointer& entry, const Ending& ending);
  void schedule_restart(const EntryPointer& entry);
  void restart_is_due(const EntryPointer& entry);
  Awaitable<void> run_restart(EntryPointer entry);
  Awaitable<void> give_up_restart(EntryPointer entry);

  void enter_networks(const EntryPointer& entry);
  bool leave_networks(const EntryPointer& entry);
  void note_detached(const EntryPointer& entry);
  void check_ceiling(const Container& container) const;
  Launch begin_launch(const EntryPointer& entry);
  Awaitable<void> run_start(EntryPointer entry);
  Awaitable<void> request_launch(EntryPointer entry, Launch launch);
  Awaitable<void> request_task(EntryPointer entry, Launch launch);
  Awaitable<void> await_start(EntryPointer entry);
  Awaitable<void> run_stop(EntryPointer entry, StopRequest request);
  Awaitable<bool> end_through_agent(EntryPointer entry, int signal, StopRequest request);
  Awaitable<bool> deliver(EntryPointer entry, int signal);
  Awaitable<void> run_kill(EntryPointer entry, int signal);
  Awaitable<void> run_remove(EntryPointer entry, bool force);
  Awaitable<void> end_for_removal(EntryPointer entry);
  Awaitable<bool> claim_exit_code(EntryPointer entry, int exit_code);
  Awaitable<void> stop_task(EntryPointer entry, std::string reason, bool has_claimed);
  Awaitable<bool> await_exit(EntryPointer entry, Clock::Duration limit);
  Awaitable<void> await_launch(EntryPointer entry);
  Awaitable<void> abandon_registration(std::string container_id);
  Awaitable<void> resume_launch(EntryPointer entry);
  Awaitable<std::optional<std::string>> find_lost_task(EntryPointer entry, Launch launch);

  Services services_;
  PortPublisher* publisher_ = nullptr;
  NetworkAttachment* networks_ = nullptr;
  LifecycleSettings settings_;
  ContainerTable table_;
  std::vector<ContainerObserver*> observers_;
  std::vector<LaunchPreparation*> preparations_;
  std::set<std::string> preparing_;  // launches
  TaskGroup tasks_;
};

}  // namespace sockerless::core
