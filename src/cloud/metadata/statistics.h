#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cloud/runner/usage.h"

// The statistics of the metadata endpoint: Docker's, with network rates added.
namespace sockerless::cloud::metadata {

struct CpuUsage {
  std::uint64_t total = 0;
  std::uint64_t kernel = 0;
  std::uint64_t user = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("total_usage", &CpuUsage::total),
                      json::field("usage_in_kernelmode", &CpuUsage::kernel),
                      json::field("usage_in_usermode", &CpuUsage::user)};
  }
};

struct CpuStatistics {
  CpuUsage usage;
  std::uint64_t system = 0;
  int online = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("cpu_usage", &CpuStatistics::usage),
                      json::field("system_cpu_usage", &CpuStatistics::system),
                      json::field("online_cpus", &CpuStatistics::online)};
  }
};

struct MemoryStatistics {
  std::uint64_t usage = 0;
  std::uint64_t max_usage = 0;
  std::map<std::string, std::uint64_t> details;
  std::uint64_t limit = 0;

  static constexpr auto fields() {
    using M = MemoryStatistics;
    return std::tuple{json::field("usage", &M::usage), json::field("max_usage", &M::max_usage),
                      json::field("stats", &M::details), json::field("limit", &M::limit)};
  }
};

struct BlockEntry {
  std::string operation;
  std::uint64_t value = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("op", &BlockEntry::operation), json::field("value", &BlockEntry::value)};
  }
};

struct BlockStatistics {
  std::vector<BlockEntry> bytes;

  static constexpr auto fields() {
    return std::tuple{json::field("io_service_bytes_recursive", &BlockStatistics::bytes)};
  }
};

struct ProcessStatistics {
  std::uint64_t current = 0;

  static constexpr auto fields() { return std::tuple{json::field("current", &ProcessStatistics::current)}; }
};

struct NetworkRates {
  double received = 0;
  double sent = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("rx_bytes_per_sec", &NetworkRates::received),
                      json::field("tx_bytes_per_sec", &NetworkRates::sent)};
  }
};

struct Statistics {
  std::string read;
  std::string read_before = "0001-01-01T00:00:00Z";
  std::string id;
  std::string name;
  int num_procs = 0;
  ProcessStatistics processes;
  BlockStatistics block;
  CpuStatistics cpu;
  CpuStatistics cpu_before;
  MemoryStatistics memory;
  std::map<std::string, std::map<std::string, std::uint64_t>> networks;
  std::optional<NetworkRates> rates;

  static constexpr auto fields() {
    using S = Statistics;
    return std::tuple{json::field("read", &S::read),
                      json::field("preread", &S::read_before),
                      json::field("id", &S::id),
                      json::field("name", &S::name),
                      json::field("num_procs", &S::num_procs),
                      json::field("pids_stats", &S::processes),
                      json::field("blkio_stats", &S::block),
                      json::field("cpu_stats", &S::cpu),
                      json::field("precpu_stats", &S::cpu_before),
                      json::field("memory_stats", &S::memory),
                      json::field("networks", &S::networks),
                      json::field("network_rate_stats", &S::rates, json::Emit::omit_empty)};
  }
};

// What a container has used until one moment.
struct Sample {
  ContainerUsage container;
  NetworkUsage network;
};

// `before` is an earlier sample of the same container, from which rates follow.
Statistics statistics_of(const Sample& now, const std::optional<Sample>& before);

}  // namespace sockerless::cloud::metadata
