#pragma once

#include <map>
#include <string>

namespace sockerless::cloud {

// The machine's control groups: version 2, or version 1 with a hierarchy for each controller
// (with or without a version 2 one beside them).
class Cgroups {
 public:
  Cgroups();

  bool is_unified() const { return !unified_.empty() && hierarchies_.empty(); }
  // Whether a limit on memory and swap together can be set.
  bool limits_swap() const { return limits_swap_; }

  // True if the kernel killed a process of the group (a path like "/sockerless/1a2b/id") for want
  // of memory.
  bool had_out_of_memory(const std::string& group) const;

  // Kills the processes in the group and below whose executable has this file name: how many.
  int kill_program(const std::string& group, const std::string& program) const;

  // Kills every process in the group and below, and removes them all.
  void remove(const std::string& group) const;

 private:
  std::string unified_;                             // mount point
  std::map<std::string, std::string> hierarchies_;  // controllers ("cpu,cpuacct") → mount point
  bool limits_swap_ = false;
};

}  // namespace sockerless::cloud
