#pragma once

#include "base/async.h"

namespace sockerless {

// Completes once the process has ended; waiting for it (reaping) is the caller's. `process` is a process
// descriptor (pidfd_open), of which a copy is made at once.
Awaitable<void> process_end(Executor loop, int process);

// Whether it has ended. Blocks for so many milliseconds at most, or, if negative, until it has.
bool has_ended(int process, int milliseconds = 0);

}  // namespace sockerless
