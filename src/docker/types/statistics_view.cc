#include "docker/types/statistics_view.h"

namespace sockerless::docker {
namespace {

// Go's zero time.
constexpr const char* kNever = "0001-01-01T00:00:00Z";

std::vector<BlockCounterView> view_of(const std::vector<core::BlockCounter>& counters) {
  std::vector<BlockCounterView> views;
  for (const core::BlockCounter& counter : counters) {
    views.push_back({counter.major, counter.minor, counter.operation, counter.value});
  }
  return views;
}

BlockIoView block_io_of(const core::ResourceSample& sample) {
  BlockIoView view;
  if (sample.cgroup_v2) {
    if (!sample.block_bytes.empty()) view.bytes = view_of(sample.block_bytes);
    return view;
  }
  view.bytes = view_of(sample.block_bytes);
  view.operations = view_of(sample.block_operations);
  for (BlockIoView::List* list :
       {&view.queue, &view.service_time, &view.wait_time, &view.merged, &view.time, &view.sectors}) {
    list->emplace();
  }
  return view;
}

NetworkView view_of(const core::NetworkCounters& counters) {
  return {counters.rx_bytes, counters.rx_packets, counters.rx_errors, counters.rx_dropped,
          counters.tx_bytes, counters.tx_packets, counters.tx_errors, counters.tx_dropped};
}

}  // namespace

StatisticsView statistics_view(const core::Container& container, const std::optional<core::ResourceSample>& sample) {
  StatisticsView view;
  view.name = "/" + container.name;
  view.id = container.id;
  view.read = view.previous_read = kNever;
  if (!sample) return view;
  view.is_synthetic = sample->is_synthetic;
  if (sample->is_synthetic) return view;
  view.read = format_rfc3339_nano(sample->at);
  view.pids = {sample->processes, sample->process_limit};
  view.block_io = block_io_of(*sample);
  view.cpu.usage = {sample->cpu_total, sample->cpu_each, sample->cpu_kernel, sample->cpu_user};
  view.cpu.system = sample->system_cpu;
  view.cpu.online = sample->online_cpus;
  view.cpu.throttling = {sample->periods, sample->throttled_periods, sample->throttled_time};
  view.memory = {sample->memory_usage, sample->memory_peak, sample->memory_details, sample->memory_failures,
                 sample->memory_limit};
  for (const auto& [name, counters] : sample->networks) view.networks[name] = view_of(counters);
  return view;
}

}  // namespace sockerless::docker
