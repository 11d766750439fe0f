#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/protocol/statistics.h"

namespace sockerless::drivers {

// A process as the kernel describes it: the fields of /proc/PID/stat and status that ps shows.
struct ProcessRecord {
  int pid = 0;
  std::string name;  // comm
  char state = '?';
  int parent = 0, group = 0, session = 0, terminal = 0, foreground_group = -1;
  std::uint64_t flags = 0, minor_faults = 0, major_faults = 0;
  std::uint64_t cpu_ticks = 0;  // user and system
  std::uint64_t start_ticks = 0;
  std::int64_t priority = 0, nice = 0;
  std::uint64_t threads = 1, size = 0, resident_pages = 0, locked_kib = 0;
  int processor = 0;
  std::string user_id, real_user_id, group_id, real_group_id;
  std::string user, real_user, group_name, real_group_name;
  std::string arguments;  // with spaces between; empty for a kernel thread or a zombie
};

// Nothing if the texts are not those of a process.
std::optional<ProcessRecord> parse_process(const agent::ProcessFacts& facts);

}  // namespace sockerless::drivers
