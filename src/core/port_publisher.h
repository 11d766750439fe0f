#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/container.h"

namespace sockerless::core {

// Listens on this host for the ports that containers publish, and carries connections into their
// tasks. On the loop.
class PortPublisher {
 public:
  virtual ~PortPublisher() = default;

  // Opens what the container asks for and returns what was taken. Throws Error(internal) in Docker's
  // words for a port that is taken; nothing is open then.
  virtual PublishedPorts open(const Container& container) = 0;

  // After a restart of the daemon: opens what the record says was taken. Says in the log what cannot be.
  virtual void reopen(const Container& container) = 0;

  // Connections that are open are cut off. Nothing happens if nothing is open.
  virtual void close(const std::string& container_id) = 0;
};

}  // namespace sockerless::core
