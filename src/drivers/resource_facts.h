#pragma once

#include <vector>

#include "agent/protocol/statistics.h"
#include "core/statistics_driver.h"
#include "drivers/process_record.h"

namespace sockerless::drivers {

// What a container uses by the kernel's files, of control groups of either version. What no file tells is
// zero.
core::ResourceSample sample_of(const std::vector<agent::FileText>& files, Time at);

// Whether control groups told what the container's processes use.
bool has_usage(const core::ResourceSample& sample);

// Fills in what control groups did not tell, from the processes themselves. What has ended and was not
// waited for by one of them is missing then.
void add_usage(core::ResourceSample& sample, const std::vector<ProcessRecord>& processes,
               const agent::MachineFacts& machine);

}  // namespace sockerless::drivers
