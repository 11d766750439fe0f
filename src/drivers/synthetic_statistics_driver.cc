#include "drivers/synthetic_statistics_driver.h"

#include "drivers/ps_arguments.h"

namespace sockerless::drivers {

Awaitable<core::ProcessList> SyntheticStatisticsDriver::top(core::Container container, std::string arguments) {
  const auto columns = parse_ps_arguments(arguments);
  std::string command = container.path;
  for (const std::string& argument : container.args) command += " " + argument;
  core::ProcessList list;
  std::vector<std::string>& row = list.processes.emplace_back();
  for (const PsTitledColumn& column : columns) {
    list.titles.push_back(column.title);
    const std::string_view name = column.column->name;
    if (name == "cmd" || name == "args" || name == "command") {
      row.push_back(command);
    } else if (name == "comm" || name == "ucmd" || name == "ucomm") {
      row.push_back(container.path.substr(container.path.rfind('/') + 1));
    } else {
      row.emplace_back(name == "pid" ? "1" : "?");
    }
  }
  co_return list;
}

Awaitable<core::ResourceSample> SyntheticStatisticsDriver::sample(core::Container) {
  core::ResourceSample sample;
  sample.is_synthetic = true;
  co_return sample;
}

}  // namespace sockerless::drivers
