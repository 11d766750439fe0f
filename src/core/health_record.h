#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace sockerless::core {

// One run of a container's health check. Times are nanoseconds since the epoch.
struct HealthProbe {
  std::int64_t started_at = 0;
  std::int64_t ended_at = 0;
  int exit_code = 0;
  std::string output;  // its beginning

  static constexpr auto fields() {
    using H = HealthProbe;
    using json::field;
    return std::tuple{field("started_at", &H::started_at), field("ended_at", &H::ended_at),
                      field("exit_code", &H::exit_code), field("output", &H::output)};
  }
};

// What the health check says of the container's current run.
struct Health {
  std::string status;  // starting, healthy, unhealthy
  int failing_streak = 0;
  std::vector<HealthProbe> log;  // the last five, oldest first

  static constexpr auto fields() {
    using H = Health;
    using json::field;
    return std::tuple{field("status", &H::status), field("failing_streak", &H::failing_streak), field("log", &H::log)};
  }
};

}  // namespace sockerless::core
