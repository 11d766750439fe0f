#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cloud/runner/runner.h"
#include "cloud/runner/user.h"

namespace sockerless::cloud {

// Everything about a container that its config.json says, with all questions answered.
struct OciContainer {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::string working_directory;
  User user;
  std::vector<Ulimit> limits;
  std::vector<std::string> capabilities;
  std::string hostname;
  bool read_only_root = false;
  std::vector<Mount> mounts;   // binds, in the order of mounting
  std::string namespace_path;  // of the network; empty: a new one without interfaces
  std::string cgroup;
  std::int64_t cpu_units = 0;
  std::int64_t memory_bytes = 0;
  bool limits_swap = false;
  bool unified_cgroups = false;
};

// The text of config.json: the isolation that Docker gives by default.
std::string oci_config(const OciContainer& container);

// Docker's default set, changed; names with or without "CAP_", "ALL" means all. Throws
// Error(invalid_argument) for an unknown name.
std::vector<std::string> effective_capabilities(const std::vector<std::string>& dropped,
                                                const std::vector<std::string>& added);

}  // namespace sockerless::cloud
