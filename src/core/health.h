#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/container_observer.h"
#include "core/execs.h"
#include "core/lifecycle.h"

namespace sockerless::core {

// A health check with its defaults filled in.
struct HealthPlan {
  std::vector<std::string> command;
  Clock::Duration interval{0};
  Clock::Duration timeout{0};
  Clock::Duration start_period{0};
  Clock::Duration start_interval{0};
  int retries = 0;
};

// Nothing for a container without a check, or with `NONE`.
std::optional<HealthPlan> health_plan(const ContainerConfig& config);

// A new run begins: its health is not known yet.
void begin_health(Container& container);

// How long until the next probe of a container that has run for this long.
Clock::Duration time_to_next_probe(const HealthPlan& plan, const Health& health, Clock::Duration ran_for);

// Takes a probe into account by moby's rules; `ran_for` is the container's age when the probe began.
void take_probe(const HealthPlan& plan, Health& health, HealthProbe probe, Clock::Duration ran_for);

// Runs the health checks of running containers through exec, on Docker's schedule, and keeps what they
// say in the records. Lives on the daemon's loop; lifecycle and execs outlive it.
class HealthMonitor final : public ContainerObserver {
 public:
  HealthMonitor(Executor executor, Services services, Lifecycle& lifecycle, Execs& execs);

  // Goes on with the containers that run, behind Lifecycle's own recovery.
  void recover();

  void container_started(const EntryPointer& entry) override;
  void container_ended(const EntryPointer& entry) override;
  void container_removed(const Container& record) override;

  Awaitable<void> shut_down() { return tasks_.join(); }

 private:
  struct Watch;
  struct Run;
  using WatchPointer = std::shared_ptr<Watch>;

  Awaitable<void> monitor(EntryPointer entry, WatchPointer watch, HealthPlan plan);
  Awaitable<HealthProbe> probe(EntryPointer entry, HealthPlan plan);
  Awaitable<void> run_command(EntryPointer entry, std::vector<std::string> command, std::shared_ptr<Run> run);
  Awaitable<void> note(EntryPointer entry, HealthPlan plan, HealthProbe result, Clock::Duration ran_for);

  Services services_;
  Lifecycle& lifecycle_;
  Execs& execs_;
  std::map<std::string, WatchPointer> watches_;  // by container id
  TaskGroup tasks_;
};

}  // namespace sockerless::core
