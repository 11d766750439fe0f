#pragma once

#include <string>

#include "cloud/runner/launch.h"

namespace sockerless::cloud {

// Removes all that a cloud has in its folder and on the machine, also what a process that was killed
// left: runtimes at work, containers, control groups, mounts and network namespaces. Blocks.
void remove_leftovers(const std::string& folder, const std::string& networks_folder, const ContainerHost& host);

}  // namespace sockerless::cloud
