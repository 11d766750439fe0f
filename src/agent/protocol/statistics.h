#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What top and stats sessions carry: texts of the task's kernel, as they are. What they mean is the
// daemon's business. The layout is written down in docs/agent-protocol.md.
namespace sockerless::agent {

// The answer to top: what the numbers of the processes count.
struct MachineFacts {
  std::uint64_t uptime = 0;  // of the machine, in ticks
  std::uint32_t ticks_per_second = 100;
  std::uint32_t page_size = 4096;
  std::uint64_t memory = 0;  // of the machine, in bytes
};

// One process.
struct ProcessFacts {
  std::string stat;       // /proc/PID/stat
  std::string status;     // /proc/PID/status
  std::string arguments;  // /proc/PID/cmdline
  std::string user;       // names of the effective and the real ids in the image's files, or the numbers
  std::string real_user;
  std::string group;
  std::string real_group;
};

// One file of the kernel.
struct FileText {
  std::string path;
  std::string text;
};

std::string encode(const MachineFacts& facts);
std::optional<MachineFacts> decode_machine_facts(std::string_view answer);

// One record of the output of a top session.
void append(std::string& out, const ProcessFacts& process);

// All records of the whole output; nothing if it is malformed.
std::optional<std::vector<ProcessFacts>> decode_processes(std::string_view output);

// The answer to stats.
std::string encode(const std::vector<FileText>& files);
std::optional<std::vector<FileText>> decode_files(std::string_view answer);

}  // namespace sockerless::agent
