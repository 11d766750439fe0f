#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "core/container.h"

namespace sockerless::core {

struct AttachStreams {
  bool standard_in = false;
  bool standard_out = false;
  bool standard_error = false;
};

struct OutputPart {
  int stream = 1;  // 1 is stdout, 2 is stderr
  std::string bytes;
};

// One client's view of a container's process. At most one read() and one write() at a time.
class AttachSession {
 public:
  virtual ~AttachSession() = default;

  // The next output; nothing at its end. Throws Error(unavailable) if it is cut off before.
  virtual Awaitable<std::optional<OutputPart>> read() = 0;

  // Returns when there is room for all of it.
  virtual Awaitable<void> write(std::string bytes) = 0;
  virtual void close_stdin() = 0;
};

// A way to reach the process of a container: through the agent in its task, or, where there is
// none, as well as the logs allow.
class ProcessDriver {
 public:
  virtual ~ProcessDriver() = default;

  virtual std::string_view name() const = 0;

  // Whether this driver is the one for the container, for all of its life.
  virtual bool serves(const Container& container) const = 0;

  virtual Awaitable<std::unique_ptr<AttachSession>> attach(Container container, AttachStreams streams) = 0;
  virtual Awaitable<void> signal(Container container, int signal) = 0;
  virtual Awaitable<void> resize(Container container, int rows, int columns) = 0;
};

// Drivers in order of preference. The first that serves a container gets the whole operation; its
// failure is the operation's failure, because the next driver is a lesser capability and not a
// retry.
template <typename Driver>
class DriverChain {
 public:
  DriverChain() = default;
  explicit DriverChain(std::vector<Driver*> drivers) : drivers_(std::move(drivers)) {}

  Driver& pick(const Container& container) const {
    for (Driver* driver : drivers_) {
      if (driver->serves(container)) return *driver;
    }
    throw Error(ErrorKind::not_implemented, fmt::format("nothing can reach container {}", container.id));
  }

 private:
  std::vector<Driver*> drivers_;
};

// What agents report. Told on the loop; must not throw. A report may come more than once.
class AgentObserver {
 public:
  virtual ~AgentObserver() = default;
  virtual void agent_connected(std::string container_id, std::string launch_id) = 0;
  virtual void agent_started(std::string container_id, std::string launch_id, int pid) = 0;
  // `text` is what a runtime says of a command that cannot run: `exec: "x": …`.
  virtual void agent_start_failed(std::string container_id, std::string launch_id, int exit_code, std::string text) = 0;
  virtual void agent_exited(std::string container_id, std::string launch_id, int exit_code,
                            std::optional<std::int64_t> log_events) = 0;
  virtual void agent_lost(std::string container_id, std::string launch_id) = 0;
};

// The agents as core steers them. Implemented in drivers/ on the agent hub.
class Agents {
 public:
  virtual ~Agents() = default;

  // Before anything else; the observer outlives the agents' connections.
  virtual void report_to(AgentObserver& observer) = 0;

  // Admits the agent of the container's current launch, and no other.
  virtual void expect(const Container& container) = 0;
  virtual void forget(const std::string& container_id) = 0;

  // The task is reachable there, or will be when it runs: where agents are dialled, dial.
  virtual void task_address(const std::string& container_id, const std::string& address, bool is_running) = 0;

  virtual bool is_connected(const std::string& container_id) const = 0;

  // Lets a held command run.
  virtual void release(const std::string& container_id) = 0;

  // The exit is on record; the agent may leave.
  virtual void acknowledge_exit(const std::string& container_id) = 0;
};

}  // namespace sockerless::core
