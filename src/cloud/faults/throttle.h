#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sockerless::cloud {

// AWS's published rate limits for the calls of an account in a region: token buckets, several
// operations to one. A bucket is full at first.
class Throttle {
 public:
  Throttle(std::string region, Clock& clock) : region_(std::move(region)), clock_(clock) {}

  // Takes a token from every bucket that the operation counts in; false, and none is taken, if one of
  // them is empty. `scale` multiplies sizes and rates. `service` is a signing name. Operations without
  // a published limit always get through.
  bool admits(std::string_view service, std::string_view operation, double scale);
  // The same for the launches of `tasks` tasks by one RunTask.
  bool admits_launches(int tasks, bool is_spot, double scale);

  // All buckets are full again.
  void reset() { buckets_.clear(); }

 private:
  struct Bucket {
    double tokens = 0;
    std::chrono::steady_clock::time_point at;
  };
  struct Limit {
    std::string name;
    double burst;
    double per_second;
  };

  Bucket& refill(const Limit& limit, double scale);
  double regional_rate(std::string_view operation) const;

  std::string region_;
  Clock& clock_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace sockerless::cloud
