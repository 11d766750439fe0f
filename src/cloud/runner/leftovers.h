#pragma once

#include <string>

#include "cloud/runner/launch.h"

namespace sockerless::cloud {

// Removes what an earlier process that was killed left in the folder and on the machine: runtimes
// at work, containers, control groups, mounts and network namespaces. Blocks.
void remove_leftovers(const std::string& folder, const std::string& networks_folder, const ContainerHost& host);

}  // namespace sockerless::cloud
