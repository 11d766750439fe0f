#pragma once

#include "daemon/command.h"
#include "daemon/options.h"

namespace sockerless::daemon {

struct GcOptions : DaemonOptions {
  Option<bool> dry_run{this, "dry-run", false, "Say what would be ended, and end nothing."};
  Option<std::chrono::milliseconds> older_than{this, "older-than", std::chrono::minutes(10),
                                               "Leave alone what is younger than this."};
};

// `sockerlessd gc`: what the daemon does about orphans, without a daemon. Ends the tasks and
// definitions of this instance that the state folder does not know; with `--state-dir none`, all of
// the instance's. Refuses while a daemon uses the state folder. Returns 0, or 1 if something that
// was to be ended could not be.
int collect_garbage(const Arguments& arguments, const config::Options::Environment& environment);

}  // namespace sockerless::daemon
