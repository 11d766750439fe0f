#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "drivers/process_record.h"

namespace sockerless::drivers {

// What the values of some columns depend on beside the process.
struct PsMoment {
  agent::MachineFacts machine;
  Time now;
};

// A column of procps's ps: what it is called after -o, its title, and what stands in it.
struct PsColumn {
  std::string_view name;
  std::string_view title;
  std::string (*value)(const ProcessRecord&, const PsMoment&);
};

// Null if ps has no such column, or /proc does not tell it.
const PsColumn* find_ps_column(std::string_view name);

}  // namespace sockerless::drivers
