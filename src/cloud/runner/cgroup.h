#pragma once

#include <map>
#include <string>
#include <vector>

namespace sockerless::cloud {

// The machine's control groups: version 2, or version 1 with a hierarchy for each controller
// (with or without a version 2 one beside them).
class Cgroups {
 public:
  Cgroups();

  bool is_unified() const { return !unified_.empty() && hierarchies_.empty(); }
  // Whether a limit on memory and swap together can be set.
  bool limits_swap() const { return limits_swap_; }

  // Where a group stands in a controller's hierarchy; in the only one with version 2.
  std::string folder_of(const std::string& controller, const std::string& group) const;

  // True if the kernel killed a process of the group (a path like "/sockerless/1a2b/id") for want
  // of memory.
  bool had_out_of_memory(const std::string& group) const;

  // Kills the processes in the group and below whose executable has this file name: how many.
  int kill_program(const std::string& group, const std::string& program) const;

  // In every hierarchy.
  void make(const std::string& group) const;

  // Kills every process in the group and below, and removes them all.
  void remove(const std::string& group) const;

  // Removes the group and those below if there is no process in them.
  void remove_empty(const std::string& group) const;

  // The names of the groups directly below, in any hierarchy.
  std::vector<std::string> below(const std::string& group) const;

 private:
  std::vector<std::string> mount_points() const;

  std::string unified_;                             // mount point
  std::map<std::string, std::string> hierarchies_;  // controllers ("cpu,cpuacct") → mount point
  bool limits_swap_ = false;
};

}  // namespace sockerless::cloud
