#pragma once

#include "base/clock.h"
#include "core/container.h"

namespace sockerless::core {

// How a run of a container ended, as its restart policy sees it.
struct RunEnd {
  int exit_code = 0;
  bool by_user = false;  // stop or kill
  Clock::Duration ran_for{0};
};

// Whether the policy wants another run (moby's restartmanager).
bool wants_restart(const Container& container, const RunEnd& end);

// How long the policy waits before the next run: 100 ms, doubled from one to the next up to a minute,
// from the beginning again behind a run of 10 s.
Clock::Duration next_restart_delay(Clock::Duration last, Clock::Duration ran_for);

// When the policy may launch again, so that it launches at most `limit` tasks an hour: each is billed.
Time earliest_restart(const Container& container, int limit, Time now);

}  // namespace sockerless::core
