#pragma once

#include <cstdint>

namespace sockerless::ecs {

// A valid pair of Fargate's table.
struct TaskSize {
  int cpu_units = 256;  // 1024 are one processor
  int memory_mib = 512;
  friend bool operator==(const TaskSize&, const TaskSize&) = default;
};

// The smallest size of Fargate's table (AWS, "Fargate task sizes") that has at least both. 0 asks
// for nothing. Throws Error(invalid_argument) if no size is large enough.
TaskSize fitting_size(std::int64_t nano_cpus, std::int64_t memory_bytes);

}  // namespace sockerless::ecs
