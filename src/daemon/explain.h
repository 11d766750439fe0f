#pragma once

#include "daemon/command.h"
#include "daemon/options.h"

namespace sockerless::daemon {

// `sockerlessd explain CONTAINER`: every answer of AWS about the container that the daemon has kept in its
// state folder, then what ECS says of its tasks, from RunTask to now. Asks AWS, not the daemon, so it also explains
// what a daemon that is gone has left. CONTAINER is an id, its beginning (12 digits at least), or a name. Returns
// 0, or 1 if nothing is known of it.
int explain(const Arguments& arguments, const config::Options::Environment& environment);

}  // namespace sockerless::daemon
