#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"
#include "cloud/runner/cgroup.h"

namespace sockerless::cloud {

// What a container has used since its start.
struct ContainerUsage {
  Time at;
  std::uint64_t cpu_ns = 0;
  std::uint64_t user_ns = 0;
  std::uint64_t kernel_ns = 0;
  std::uint64_t system_ns = 0;  // of all processors of the machine
  int processors = 0;
  std::uint64_t memory = 0;
  std::uint64_t most_memory = 0;
  std::uint64_t memory_limit = 0;
  std::map<std::string, std::uint64_t> memory_details;  // as the kernel names them
  std::uint64_t processes = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
};

// What went through a task's interface, as the task sees it.
struct NetworkUsage {
  std::uint64_t rx_bytes = 0;
  std::uint64_t rx_packets = 0;
  std::uint64_t rx_errors = 0;
  std::uint64_t rx_dropped = 0;
  std::uint64_t tx_bytes = 0;
  std::uint64_t tx_packets = 0;
  std::uint64_t tx_errors = 0;
  std::uint64_t tx_dropped = 0;
};

// Both block for a moment. What the kernel does not tell is 0.
ContainerUsage usage_of_group(const Cgroups& cgroups, const std::string& group);
// By the other end of the interface, on the host.
NetworkUsage usage_of_port(const std::string& host_interface);

}  // namespace sockerless::cloud
