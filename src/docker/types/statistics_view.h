#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/container.h"
#include "core/statistics_driver.h"

// The shapes of ContainerTop and ContainerStats.
namespace sockerless::docker {

struct TopView {
  std::vector<std::string> titles;
  std::vector<std::vector<std::string>> processes;

  static constexpr auto fields() {
    return std::tuple{json::field("Processes", &TopView::processes), json::field("Titles", &TopView::titles)};
  }
};

struct PidsView {
  std::uint64_t current = 0, limit = 0;

  static constexpr auto fields() {
    using json::Emit;
    return std::tuple{json::field("current", &PidsView::current, Emit::omit_empty),
                      json::field("limit", &PidsView::limit, Emit::omit_empty)};
  }
};

struct BlockCounterView {
  std::uint64_t major = 0, minor = 0;
  std::string op;
  std::uint64_t value = 0;

  static constexpr auto fields() {
    using B = BlockCounterView;
    using json::field;
    return std::tuple{field("major", &B::major), field("minor", &B::minor), field("op", &B::op),
                      field("value", &B::value)};
  }
};

// Of cgroup v1 all are lists; v2 has only the first, and null instead of an empty one.
struct BlockIoView {
  using List = std::optional<std::vector<BlockCounterView>>;
  List bytes, operations, queue, service_time, wait_time, merged, time, sectors;

  static constexpr auto fields() {
    using B = BlockIoView;
    using json::field;
    return std::tuple{
        field("io_service_bytes_recursive", &B::bytes), field("io_serviced_recursive", &B::operations),
        field("io_queue_recursive", &B::queue),         field("io_service_time_recursive", &B::service_time),
        field("io_wait_time_recursive", &B::wait_time), field("io_merged_recursive", &B::merged),
        field("io_time_recursive", &B::time),           field("sectors_recursive", &B::sectors)};
  }
};

struct CpuUsageView {
  std::uint64_t total = 0;
  std::vector<std::uint64_t> each;
  std::uint64_t kernel = 0, user = 0;

  static constexpr auto fields() {
    using C = CpuUsageView;
    using json::field;
    return std::tuple{field("total_usage", &C::total), field("percpu_usage", &C::each, json::Emit::omit_empty),
                      field("usage_in_kernelmode", &C::kernel), field("usage_in_usermode", &C::user)};
  }
};

struct ThrottlingView {
  std::uint64_t periods = 0, throttled_periods = 0, throttled_time = 0;

  static constexpr auto fields() {
    using T = ThrottlingView;
    using json::field;
    return std::tuple{field("periods", &T::periods), field("throttled_periods", &T::throttled_periods),
                      field("throttled_time", &T::throttled_time)};
  }
};

struct CpuView {
  CpuUsageView usage;
  std::uint64_t system = 0;
  int online = 0;
  ThrottlingView throttling;

  static constexpr auto fields() {
    using C = CpuView;
    using json::Emit;
    using json::field;
    return std::tuple{field("cpu_usage", &C::usage), field("system_cpu_usage", &C::system, Emit::omit_empty),
                      field("online_cpus", &C::online, Emit::omit_empty), field("throttling_data", &C::throttling)};
  }
};

struct MemoryView {
  std::uint64_t usage = 0, peak = 0;
  std::map<std::string, std::uint64_t> details;
  std::uint64_t failures = 0, limit = 0;

  static constexpr auto fields() {
    using M = MemoryView;
    using json::Emit;
    using json::field;
    return std::tuple{field("usage", &M::usage, Emit::omit_empty), field("max_usage", &M::peak, Emit::omit_empty),
                      field("stats", &M::details, Emit::omit_empty), field("failcnt", &M::failures, Emit::omit_empty),
                      field("limit", &M::limit, Emit::omit_empty)};
  }
};

struct NetworkView {
  std::uint64_t rx_bytes = 0, rx_packets = 0, rx_errors = 0, rx_dropped = 0;
  std::uint64_t tx_bytes = 0, tx_packets = 0, tx_errors = 0, tx_dropped = 0;

  static constexpr auto fields() {
    using N = NetworkView;
    using json::field;
    return std::tuple{field("rx_bytes", &N::rx_bytes),   field("rx_packets", &N::rx_packets),
                      field("rx_errors", &N::rx_errors), field("rx_dropped", &N::rx_dropped),
                      field("tx_bytes", &N::tx_bytes),   field("tx_packets", &N::tx_packets),
                      field("tx_errors", &N::tx_errors), field("tx_dropped", &N::tx_dropped)};
  }
};

struct StatisticsView {
  std::string name, id;
  std::string read, previous_read;
  PidsView pids;
  BlockIoView block_io;
  int process_count = 0;  // Windows only, as is the next
  core::Empty storage;
  CpuView cpu, previous_cpu;
  MemoryView memory;
  std::map<std::string, NetworkView> networks;
  bool is_synthetic = false;  // ours: there is no agent that could look, every number is zero

  static constexpr auto fields() {
    using S = StatisticsView;
    using json::Emit;
    using json::field;
    return std::tuple{field("name", &S::name),
                      field("id", &S::id),
                      field("read", &S::read),
                      field("preread", &S::previous_read),
                      field("pids_stats", &S::pids),
                      field("blkio_stats", &S::block_io),
                      field("num_procs", &S::process_count),
                      field("storage_stats", &S::storage),
                      field("cpu_stats", &S::cpu),
                      field("precpu_stats", &S::previous_cpu),
                      field("memory_stats", &S::memory),
                      field("networks", &S::networks, Emit::omit_empty),
                      field("sockerless_synthetic", &S::is_synthetic, Emit::omit_empty)};
  }
};

// What is shown of a container that does not run, too: names and zeros.
StatisticsView statistics_view(const core::Container& container, const std::optional<core::ResourceSample>& sample);

}  // namespace sockerless::docker
