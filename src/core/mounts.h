#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/container.h"

namespace sockerless::core {

// A mount as it was asked for; volumes without a name have none yet.
struct PlannedMount {
  MountPoint point;
  std::map<std::string, std::string> volume_labels;
  VolumeDriverConfig driver;
};

// The mounts of a new container by moby's rules and in its order of precedence: VolumesFrom below
// Binds and Mounts, the VOLUMEs of the image last. `find_container` throws no_such_container. Throws
// Error(invalid_argument) in Docker's words.
std::vector<PlannedMount> plan_mounts(const ContainerConfig& config, const HostConfig& host_config,
                                      const std::function<Container(const std::string&)>& find_container);

}  // namespace sockerless::core
