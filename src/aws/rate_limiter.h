#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "base/clock.h"

namespace sockerless::aws {

// One of AWS's token buckets: calls of the operations draw on it together.
struct ApiRate {
  std::string name;                     // for error texts: "task definition modify"
  std::vector<std::string> operations;  // "RunTask"
  double burst;
  double per_second;
};

// What AWS publishes per account for the region.
std::vector<ApiRate> published_rates(std::string_view region);

// Keeps calls below AWS's rates by delaying them, first come, first served. Operations that are in
// no bucket are not delayed.
class RateLimiter {
 public:
  RateLimiter(Clock& clock, std::vector<ApiRate> rates);

  // Returns when the call may be made. Throws Error(unavailable) at once, naming the quota, if
  // that would be later than `limit` from now.
  Awaitable<void> acquire(std::string operation, Clock::Duration limit);

  // How long acquire() would wait now: lets work that can wait give way.
  Clock::Duration expected_wait(std::string_view operation);

 private:
  struct Bucket {
    ApiRate rate;
    double tokens;  // below zero: promised to those who wait
    std::chrono::steady_clock::time_point filled_at;
  };

  Bucket* bucket_of(std::string_view operation);
  void refill(Bucket& bucket) const;

  Clock& clock_;
  std::vector<Bucket> buckets_;
  std::map<std::string, std::size_t, std::less<>> by_operation_;
};

}  // namespace sockerless::aws
