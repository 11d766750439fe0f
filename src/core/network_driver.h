#pragma once

#include <cstdint>
#include <memory>

#include "core/driver.h"

namespace sockerless::core {

// Reaches into the network of a container's task.
class NetworkDriver {
 public:
  virtual ~NetworkDriver() = default;

  virtual bool serves(const Container& container) const = 0;

  // A TCP connection to a port of the task; its bytes are stream 1. Throws Error(conflict) if nothing
  // listens there, Error(unavailable) if the task cannot be reached.
  virtual Awaitable<std::unique_ptr<AttachSession>> dial(Container container, std::uint16_t port) = 0;
};

}  // namespace sockerless::core
