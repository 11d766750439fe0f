#include "cloud/metadata/statistics.h"

#include <chrono>

namespace sockerless::cloud::metadata {
namespace {

CpuStatistics cpu_of(const ContainerUsage& usage) {
  return {{usage.cpu_ns, usage.kernel_ns, usage.user_ns}, usage.system_ns, usage.processors};
}

std::map<std::string, std::uint64_t> counters_of(const NetworkUsage& usage) {
  return {{"rx_bytes", usage.rx_bytes},     {"rx_packets", usage.rx_packets}, {"rx_errors", usage.rx_errors},
          {"rx_dropped", usage.rx_dropped}, {"tx_bytes", usage.tx_bytes},     {"tx_packets", usage.tx_packets},
          {"tx_errors", usage.tx_errors},   {"tx_dropped", usage.tx_dropped}};
}

}  // namespace

Statistics statistics_of(const Sample& now, const std::optional<Sample>& before) {
  Statistics statistics;
  const ContainerUsage& usage = now.container;
  statistics.read = format_rfc3339_nano(usage.at);
  statistics.processes.current = usage.processes;
  statistics.block.bytes = {{"Read", usage.read_bytes}, {"Write", usage.written_bytes}};
  statistics.cpu = cpu_of(usage);
  statistics.memory = {usage.memory, usage.most_memory, usage.memory_details, usage.memory_limit};
  statistics.networks["eth1"] = counters_of(now.network);  // Fargate's name for the task's interface
  if (!before) return statistics;
  statistics.read_before = format_rfc3339_nano(before->container.at);
  statistics.cpu_before = cpu_of(before->container);
  const std::chrono::duration<double> passed = usage.at - before->container.at;
  if (passed.count() <= 0) return statistics;
  const auto rate = [&](std::uint64_t earlier, std::uint64_t later) {
    return later > earlier ? static_cast<double>(later - earlier) / passed.count() : 0.0;
  };
  statistics.rates = NetworkRates{rate(before->network.rx_bytes, now.network.rx_bytes),
                                  rate(before->network.tx_bytes, now.network.tx_bytes)};
  return statistics;
}

}  // namespace sockerless::cloud::metadata
