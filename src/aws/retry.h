#pragma once

#include <functional>

#include "base/clock.h"

namespace sockerless::aws {

// Random number from 0 to 1, evenly spread.
using Jitter = std::function<double()>;
Jitter random_jitter();

// How long to wait before the attempt that follows `failed_attempts`: exponential from one second
// to twenty, with full jitter, so that clients that failed together do not come back together.
Clock::Duration retry_delay(int failed_attempts, const Jitter& jitter);

// Limits retries over all calls, so that an outage is not made worse by them: each takes from the
// budget, each call that succeeds at once gives a little back.
class RetryBudget {
 public:
  enum class Cause { answered, no_answer };

  // False if there is nothing left for it.
  bool take(Cause cause);
  void give_back_one();

 private:
  int left_ = 500;
};

}  // namespace sockerless::aws
