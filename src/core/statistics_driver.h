#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/driver.h"

namespace sockerless::core {

// `ps` of a container: ContainerTop.
struct ProcessList {
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> processes;
};

struct NetworkCounters {
  std::uint64_t rx_bytes = 0, rx_packets = 0, rx_errors = 0, rx_dropped = 0;
  std::uint64_t tx_bytes = 0, tx_packets = 0, tx_errors = 0, tx_dropped = 0;
};

struct BlockCounter {
  std::uint64_t major = 0, minor = 0;
  std::string operation;    // as the kernel names it: "read" in cgroup v2, "Read" in v1
  std::uint64_t value = 0;  // bytes, or how often
};

// One look at what a container uses; the counters only grow. Times are nanoseconds.
struct ResourceSample {
  Time at;
  std::uint64_t cpu_total = 0, cpu_user = 0, cpu_kernel = 0;
  std::vector<std::uint64_t> cpu_each;  // of cpu_total, by CPU; only cgroup v1 tells
  std::uint64_t system_cpu = 0;         // of the whole machine
  int online_cpus = 0;
  std::uint64_t periods = 0, throttled_periods = 0, throttled_time = 0;
  std::uint64_t memory_usage = 0, memory_limit = 0;     // bytes
  std::uint64_t memory_peak = 0, memory_failures = 0;   // only cgroup v1 tells
  std::map<std::string, std::uint64_t> memory_details;  // memory.stat
  std::uint64_t processes = 0, process_limit = 0;       // no limit: 0 in cgroup v1, 2^64-1 in v2
  std::map<std::string, NetworkCounters> networks;      // by interface
  std::vector<BlockCounter> block_bytes, block_operations;
  bool cgroup_v2 = false;
  bool is_synthetic = false;  // nobody has looked: there is no agent
};

// Looks at the processes of a container and at what they use.
class StatisticsDriver {
 public:
  virtual ~StatisticsDriver() = default;

  virtual bool serves(const Container& container) const = 0;

  // `arguments` are ps's, as far as /proc can tell. Throws Error(invalid_argument) for others.
  virtual Awaitable<ProcessList> top(Container container, std::string arguments) = 0;
  virtual Awaitable<ResourceSample> sample(Container container) = 0;
};

}  // namespace sockerless::core
