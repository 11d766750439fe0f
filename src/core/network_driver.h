#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/driver.h"

namespace sockerless::core {

struct HostsEntry {
  std::string address;
  std::vector<std::string> names;
};

// Reaches into the network of a container's task.
class NetworkDriver {
 public:
  virtual ~NetworkDriver() = default;

  virtual bool serves(const Container& container) const = 0;

  // A TCP connection to a port of the task; its bytes are stream 1. Throws Error(unavailable) if
  // nothing listens there.
  virtual Awaitable<std::unique_ptr<AttachSession>> dial(Container container, std::uint16_t port) = 0;

  // Replaces the marked block of /etc/hosts. Throws Error(conflict) if the file cannot be written.
  virtual Awaitable<void> set_hosts(Container container, std::vector<HostsEntry> entries) = 0;
};

}  // namespace sockerless::core
