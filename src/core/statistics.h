#pragma once

#include <optional>
#include <string>

#include "core/container_table.h"
#include "core/lifecycle.h"
#include "core/statistics_driver.h"

namespace sockerless::core {

// Top and stats of a Docker daemon. Lives on the daemon's loop.
class Statistics {
 public:
  Statistics(Services services, const ContainerTable& table) : services_(services), table_(table) {}

  // Throws no_such_container, not_running, Error(invalid_argument) for arguments that ps does not have.
  Awaitable<ProcessList> top(std::string reference, std::string arguments);

  // What the container uses now; nothing if it does not run. Throws no_such_container.
  Awaitable<std::optional<ResourceSample>> sample(std::string reference);

 private:
  Services services_;
  const ContainerTable& table_;
};

}  // namespace sockerless::core
