#pragma once

#include "core/container_observer.h"
#include "core/drivers.h"
#include "core/launch_preparation.h"
#include "core/staging.h"

#include "base/task_group.h"

namespace sockerless::core {

// Puts what is staged into containers, at every start anew, and forgets it with the container.
class StagedMerge final : public LaunchPreparation, public ContainerObserver {
 public:
  StagedMerge(Executor executor, Staging& staging, Drivers& drivers);

  bool is_needed(const Container& container) const override { return staging_.has(container.id); }
  Awaitable<void> prepare(Container container) override;

  void container_started(const EntryPointer&) override {}
  void container_ended(const EntryPointer&) override {}
  void container_removed(const Container& record) override;

  Awaitable<void> stop() { return tasks_.join(); }

 private:
  Staging& staging_;
  Drivers& drivers_;
  TaskGroup tasks_;
};

}  // namespace sockerless::core
