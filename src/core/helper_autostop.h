#pragma once

#include "core/container_observer.h"
#include "core/lifecycle.h"

namespace sockerless::core {

// How long a helper container runs (specification of the ECS backend, helper containers).
inline constexpr Clock::Duration kHelperLife = std::chrono::milliseconds(500);

// Whether the container only waits for execs: its command is `tail -f /dev/null`, alone or in a script.
bool waits_for_execs(const Container& container);

// Stops every container whose command is not one that waits for execs, kHelperLife behind its start
// (SOCKERLESS_HELPER_AUTOSTOP). Lives on the daemon's loop; the lifecycle outlives it.
class HelperAutostop final : public ContainerObserver {
 public:
  HelperAutostop(Executor executor, Clock& clock, Lifecycle& lifecycle)
      : clock_(clock), lifecycle_(lifecycle), tasks_(std::move(executor)) {}

  // Goes on with the containers that run, behind Lifecycle's own recovery.
  void recover();

  void container_started(const EntryPointer& entry) override;
  void container_ended(const EntryPointer&) override {}
  void container_removed(const Container&) override {}

  Awaitable<void> shut_down() { return tasks_.join(); }

 private:
  Awaitable<void> stop_later(EntryPointer entry, std::string launch_id);

  Clock& clock_;
  Lifecycle& lifecycle_;
  TaskGroup tasks_;
};

}  // namespace sockerless::core
