#pragma once

#include <string>

#include "cloud/runner/launch.h"

namespace sockerless::cloud {

// Removes all that a cloud has in its folder and on the machine, also what a process that was killed
// left: runtimes at work, containers, control groups, mounts and network namespaces. Blocks.
void remove_leftovers(const std::string& folder, const std::string& networks_folder, const ContainerHost& host);

// The control group above those of all clouds of this machine.
inline constexpr const char* kGroupOfClouds = "/sockerless";

// Makes the cloud's control group, and removes those of clouds that have ended and left no process. The group is
// claimed while the descriptor is open. Blocks. Throws std::system_error, and Error(conflict) when another process has
// claimed it.
Descriptor claim_group(const ContainerHost& host);

// After remove_leftovers(): the group above goes with the last cloud. Blocks.
void release_group(const ContainerHost& host);

}  // namespace sockerless::cloud
