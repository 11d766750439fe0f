#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "base/time.h"
#include "core/container.h"

namespace sockerless::core {

struct Registration {
  std::string definition;             // the backend's handle
  std::vector<std::string> warnings;  // shown to whoever creates the container
};

struct LaunchedTask {
  std::string task;        // the backend's handle
  std::string definition;  // that it runs; another one if the registered one was gone
};

// What is seen of a task. Comes whenever something of it changes.
struct TaskReport {
  enum class Phase { pending, running, stopped };

  std::string container_id;
  std::string launch_id;
  Phase phase = Phase::pending;
  std::string address;           // of the task's network interface, once known
  std::optional<int> exit_code;  // of a stopped task whose process has run
  bool out_of_memory = false;
  std::string reason;  // why it stopped, with the remedy where one is known
  Time at;
};

// Told by the backend, on the loop; must not throw.
class TaskObserver {
 public:
  virtual ~TaskObserver() = default;
  virtual void task_changed(TaskReport report) = 0;
};

struct LogQuery {
  std::string container_id;
  std::string task;
  std::string cursor;  // continue behind that page; empty: from the beginning
};

struct LogEvent {
  Time time;
  std::string message;
};

struct LogPage {
  std::vector<LogEvent> events;  // oldest first
  std::string cursor;            // where to go on
  bool at_end = false;           // nothing more is there now
};

// Where containers run. Implemented by ecs::FargateBackend and, in tests, FakeBackend. A backend
// acts on the cloud and reports failure by throwing Error, with an open outcome (base/open_outcome.h)
// unless nothing has been done; it never reads or writes records, which is core's business.
class Backend {
 public:
  virtual ~Backend() = default;

  // Before anything else; the observer outlives the backend's work.
  virtual void report_to(TaskObserver& observer) = 0;

  virtual Awaitable<Registration> register_container(Container container) = 0;

  // Runs the launch as a task. Safe to repeat with the same launch. A definition that was taken away
  // meanwhile is registered anew.
  virtual Awaitable<LaunchedTask> launch(Container container, Launch launch) = 0;

  // The task of a launch whose RunTask was never answered; nothing if there is none.
  virtual Awaitable<std::optional<std::string>> find_task(Launch launch) = 0;

  // Starts and ends the reports on the launch's task.
  virtual void watch(std::string container_id, Launch launch) = 0;
  virtual void unwatch(std::string launch_id) = 0;

  // While an agent is connected it reports sooner and better than the cloud does.
  virtual void agent_is_connected(std::string launch_id, bool connected) = 0;

  // A task that is gone already counts as stopped.
  virtual Awaitable<void> stop(std::string task, std::string reason) = 0;

  // A definition that is gone already counts as deregistered.
  virtual Awaitable<void> deregister(std::string definition) = 0;

  // Every definition of a container whose registration was never answered, or never put on record.
  virtual Awaitable<void> deregister_all(std::string container_id) = 0;

  // An empty page at the end if the task has written nothing yet.
  virtual Awaitable<LogPage> read_logs(LogQuery query) = 0;
};

}  // namespace sockerless::core
