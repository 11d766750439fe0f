#pragma once

#include "daemon/command.h"
#include "daemon/options.h"

namespace sockerless::daemon {

// `sockerlessd explain CONTAINER`: what ECS says of the container's tasks, from RunTask to now. Asks
// AWS, not the daemon, so it also explains what a daemon that is gone has left. CONTAINER is an id,
// its beginning (12 digits at least), or a name. Returns 0, or 1 if ECS knows no task of it.
int explain(const Arguments& arguments, const config::Options::Environment& environment);

}  // namespace sockerless::daemon
