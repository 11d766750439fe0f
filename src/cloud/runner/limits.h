#pragma once

#include <vector>

#include "cloud/runner/runner.h"

namespace sockerless::cloud {

// The limits of a container: those that are asked for, and Fargate's default for open files.
// Where this machine does not allow a hard limit to be raised, it is what the machine allows.
// Throws Error(invalid_argument) for an unknown name.
std::vector<Ulimit> effective_limits(const std::vector<Ulimit>& wanted);

}  // namespace sockerless::cloud
