#pragma once

#include <string>
#include <vector>

#include "agent/protocol/statistics.h"

namespace sockerless::agent {

// A file of /proc or /sys, its first `limit` bytes; empty if it cannot be read.
std::string read_kernel_file(const std::string& path, std::size_t limit = 64 * 1024);

MachineFacts machine_facts();

// The processes of the task but the agent and what works for it, by process id.
std::vector<ProcessFacts> list_processes();

// The files that tell what the container uses, as far as they are there: control groups of either
// version, processors, memory, network interfaces.
std::vector<FileText> usage_files();

}  // namespace sockerless::agent
