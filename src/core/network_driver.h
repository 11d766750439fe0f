#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/driver.h"

namespace sockerless::core {

// A line of /etc/hosts. Without an address: the one of the task itself.
struct HostsEntry {
  std::string address;
  std::vector<std::string> names;
};

// Reaches into the network of a container's task.
class NetworkDriver {
 public:
  virtual ~NetworkDriver() = default;

  virtual bool serves(const Container& container) const = 0;

  // A TCP connection to a port of the task; its bytes are stream 1. Throws Error(conflict) if nothing
  // listens there, Error(unavailable) if the task cannot be reached.
  virtual Awaitable<std::unique_ptr<AttachSession>> dial(Container container, std::uint16_t port) = 0;

  // Replaces what the daemon has written to the container's /etc/hosts before; what others wrote stays.
  // Returns the address of the task. Throws Error(forbidden) if the file cannot be written by the
  // container's user, Error(unavailable) if the task cannot be reached.
  virtual Awaitable<std::string> set_hosts(Container container, std::vector<HostsEntry> entries) = 0;
};

}  // namespace sockerless::core
