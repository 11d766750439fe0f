#include "cloud/runner/usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

namespace sockerless::cloud {
namespace {

constexpr std::uint64_t kMicrosecond = 1000;
constexpr std::uint64_t kSecond = 1'000'000'000;

using Counters = std::map<std::string, std::uint64_t>;

// 0 for what is no number, such as "max".
std::uint64_t read_number(const std::string& path) {
  std::uint64_t number = 0;
  std::ifstream(path) >> number;
  return number;
}

// The lines "key number" of a file.
Counters read_counters(const std::string& path) {
  Counters counters;
  std::ifstream file(path);
  std::string key;
  for (std::uint64_t number = 0; file >> key >> number;) counters[key] = number;
  return counters;
}

std::uint64_t ticks_to_ns(std::uint64_t ticks) {
  static const auto kTicks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return ticks * (kSecond / kTicks);
}

void read_machine(ContainerUsage& usage) {
  std::ifstream file("/proc/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line);
  std::string name;
  fields >> name;
  // user, nice, system, idle, iowait, irq, softirq: what Docker sums up
  std::uint64_t ticks = 0;
  for (int i = 0; i < 7 && fields >> ticks; ++i) usage.system_ns += ticks_to_ns(ticks);
  usage.processors = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
}

void read_unified(ContainerUsage& usage, const std::string& folder) {
  const Counters cpu = read_counters(folder + "/cpu.stat");
  const auto microseconds = [&](const char* key) {
    const auto found = cpu.find(key);
    return found == cpu.end() ? 0 : found->second * kMicrosecond;
  };
  usage.cpu_ns = microseconds("usage_usec");
  usage.user_ns = microseconds("user_usec");
  usage.kernel_ns = microseconds("system_usec");
  usage.memory = read_number(folder + "/memory.current");
  usage.most_memory = read_number(folder + "/memory.peak");
  usage.memory_limit = read_number(folder + "/memory.max");
  usage.memory_details = read_counters(folder + "/memory.stat");
  usage.processes = read_number(folder + "/pids.current");
  std::ifstream file(folder + "/io.stat");
  for (std::string word; file >> word;) {
    if (word.compare(0, 7, "rbytes=") == 0) usage.read_bytes += std::stoull(word.substr(7));
    if (word.compare(0, 7, "wbytes=") == 0) usage.written_bytes += std::stoull(word.substr(7));
  }
}

void read_hierarchies(ContainerUsage& usage, const Cgroups& cgroups, const std::string& group) {
  const std::string cpu = cgroups.folder_of("cpuacct", group);
  usage.cpu_ns = read_number(cpu + "/cpuacct.usage");
  Counters ticks = read_counters(cpu + "/cpuacct.stat");
  usage.user_ns = ticks_to_ns(ticks["user"]);
  usage.kernel_ns = ticks_to_ns(ticks["system"]);
  const std::string memory = cgroups.folder_of("memory", group);
  usage.memory = read_number(memory + "/memory.usage_in_bytes");
  usage.most_memory = read_number(memory + "/memory.max_usage_in_bytes");
  usage.memory_limit = read_number(memory + "/memory.limit_in_bytes");
  usage.memory_details = read_counters(memory + "/memory.stat");
  usage.processes = read_number(cgroups.folder_of("pids", group) + "/pids.current");
  std::ifstream file(cgroups.folder_of("blkio", group) + "/blkio.throttle.io_service_bytes");
  std::string device;
  std::string direction;
  for (std::uint64_t bytes = 0; file >> device >> direction >> bytes;) {
    if (direction == "Read") usage.read_bytes += bytes;
    if (direction == "Write") usage.written_bytes += bytes;
  }
}

}  // namespace

ContainerUsage usage_of_group(const Cgroups& cgroups, const std::string& group) {
  ContainerUsage usage;
  usage.at = std::chrono::system_clock::now();
  read_machine(usage);
  if (cgroups.is_unified()) {
    read_unified(usage, cgroups.folder_of("", group));
  } else {
    read_hierarchies(usage, cgroups, group);
  }
  return usage;
}

NetworkUsage usage_of_port(const std::string& host_interface) {
  // Not /sys/class/net: that shows the network namespace of whoever mounted it, which may be another one. The file of
  // the process has a line "name: received (bytes packets errors dropped and four more) sent (the same)" for each.
  std::ifstream file("/proc/self/net/dev");
  NetworkUsage usage;
  for (std::string line; std::getline(file, line);) {
    std::replace(line.begin(), line.end(), ':', ' ');
    std::istringstream words(line);
    std::string name;
    if (!(words >> name) || name != host_interface) continue;
    std::uint64_t others = 0;
    // What the host sends is what the task receives.
    words >> usage.tx_bytes >> usage.tx_packets >> usage.tx_errors >> usage.tx_dropped;
    for (int i = 0; i < 4; ++i) words >> others;
    words >> usage.rx_bytes >> usage.rx_packets >> usage.rx_errors >> usage.rx_dropped;
  }
  return usage;
}

}  // namespace sockerless::cloud
