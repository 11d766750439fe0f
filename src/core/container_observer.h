#pragma once

#include "core/container_table.h"

namespace sockerless::core {

// Told by Lifecycle of what has been written and published. On the loop; must neither throw nor block.
class ContainerObserver {
 public:
  virtual ~ContainerObserver() = default;

  // The command has begun to run; not told again after a restart of the daemon.
  virtual void container_started(const EntryPointer& entry) = 0;
  virtual void container_ended(const EntryPointer& entry) = 0;
  virtual void container_removed(const Container& record) = 0;
};

}  // namespace sockerless::core
