#include "drivers/agent_statistics_driver.h"

#include <fmt/format.h>

#include "drivers/ps_arguments.h"
#include "drivers/resource_facts.h"

namespace sockerless::drivers {
namespace {

constexpr std::size_t kLongestList = 64 * 1024 * 1024;

Error unreadable(const std::string& container_id, std::string_view what) {
  return {ErrorKind::internal,
          fmt::format("the agent of container {} has sent {} that cannot be read", container_id, what)};
}

}  // namespace

struct AgentStatisticsDriver::Table {
  agent::MachineFacts machine;
  std::vector<ProcessRecord> processes;
};

Awaitable<AgentStatisticsDriver::Table> AgentStatisticsDriver::list(std::string container_id) {
  const auto session =
      co_await hub_.open(container_id, {.kind = agent::SessionKind::top, .parameters = {}, .standard_out = true});
  const auto machine = agent::decode_machine_facts(session->answer());
  if (!machine) throw unreadable(container_id, "facts of its machine");
  std::string output;
  while (auto part = co_await session->read()) {
    output += part->bytes;
    if (output.size() > kLongestList) throw unreadable(container_id, "a list of processes above 64 MiB");
  }
  const auto facts = agent::decode_processes(output);
  if (!facts) throw unreadable(container_id, "a list of processes");
  Table table{*machine, {}};
  for (const agent::ProcessFacts& process : *facts) {
    if (auto record = parse_process(process)) table.processes.push_back(std::move(*record));
  }
  co_return table;
}

Awaitable<core::ProcessList> AgentStatisticsDriver::top(core::Container container, std::string arguments) {
  const auto columns = parse_ps_arguments(arguments);
  const Table table = co_await list(container.id);
  const PsMoment moment{table.machine, clock_.now()};
  core::ProcessList list;
  for (const PsTitledColumn& column : columns) list.titles.push_back(column.title);
  for (const ProcessRecord& process : table.processes) {
    std::vector<std::string>& row = list.processes.emplace_back();
    for (const PsTitledColumn& column : columns) row.push_back(column.column->value(process, moment));
  }
  co_return list;
}

Awaitable<core::ResourceSample> AgentStatisticsDriver::sample(core::Container container) {
  core::ResourceSample sample;
  {
    const auto session = co_await hub_.open(container.id, {.kind = agent::SessionKind::stats, .parameters = {}});
    co_await session->result();
    const auto files = agent::decode_files(session->answer());
    if (!files) throw unreadable(container.id, "statistics");
    sample = sample_of(*files, clock_.now());
  }
  if (!has_usage(sample)) {
    const Table table = co_await list(container.id);
    add_usage(sample, table.processes, table.machine);
  }
  co_return sample;
}

}  // namespace sockerless::drivers
