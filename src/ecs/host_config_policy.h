#pragma once

#include <string>
#include <vector>

#include "core/host_config.h"

namespace sockerless::ecs {

// What Fargate cannot do for a HostConfig: never passed over in silence. Throws
// Error(invalid_argument) for what would make the container something else than was asked for, and
// returns a named warning for what is left out.
std::vector<std::string> check_host_config(const core::HostConfig& host_config);

}  // namespace sockerless::ecs
