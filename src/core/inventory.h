#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/time.h"
#include "core/container.h"

namespace sockerless::core {

// A task that carries the name of this daemon's instance and has not been told to stop.
struct OwnedTask {
  std::string task;        // the backend's handle
  std::string definition;  // that it runs
  std::string container_id;
  std::string launch_id;
  Time created_at;
};

// A definition that carries the name of this daemon's instance.
struct OwnedDefinition {
  std::string definition;
  std::string container_id;
  Time registered_at;
};

// What the cloud holds in the name of this daemon, whether or not the daemon remembers it. Throws
// Error as the cloud's calls do.
class Inventory {
 public:
  virtual ~Inventory() = default;

  // `known`: handles of tasks that need not be looked at.
  virtual Awaitable<std::vector<OwnedTask>> tasks(std::set<std::string> known) = 0;

  // `known`: ids of containers whose definitions need not be looked at.
  virtual Awaitable<std::vector<OwnedDefinition>> definitions(std::vector<std::string> known) = 0;

  // The record of the container that the task runs, with the task as its running launch; nothing if
  // the cloud does not tell enough of it.
  virtual Awaitable<std::optional<Container>> rebuild(OwnedTask task) = 0;
};

}  // namespace sockerless::core
