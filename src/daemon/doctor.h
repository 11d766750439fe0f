#pragma once

#include "daemon/command.h"
#include "daemon/options.h"

namespace sockerless::daemon {

// `sockerlessd doctor`: looks at everything that a container's start needs, without starting one, and
// prints a verdict a line with the remedy. Returns 0, or 1 if something would not work.
int examine(const Arguments& arguments, const config::Options::Environment& environment);

}  // namespace sockerless::daemon
