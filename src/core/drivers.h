#pragma once

#include "core/driver.h"
#include "core/exec_driver.h"
#include "core/file_driver.h"
#include "core/network_driver.h"
#include "core/statistics_driver.h"

namespace sockerless::core {

// The ways to reach inside a container, by what is to be done there.
struct Drivers {
  DriverChain<ProcessDriver> process;
  DriverChain<ExecDriver> exec;
  DriverChain<FileDriver> files;
  DriverChain<StatisticsDriver> statistics;
  DriverChain<NetworkDriver> network;
};

}  // namespace sockerless::core
