#include "aws/rate_limiter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/rollback.h"

namespace sockerless::aws {
namespace {

Clock::Duration seconds(double count) {
  return std::chrono::duration_cast<Clock::Duration>(std::chrono::duration<double>(count));
}

// Regions where logs are read more slowly than elsewhere.
constexpr std::array<std::string_view, 7> kSlowGet{"us-west-2",    "ap-northeast-3", "ap-southeast-3", "ca-west-1",
                                                   "eu-central-1", "eu-west-1",      "il-central-1"};
constexpr std::array<std::string_view, 5> kSlowFilter{"ap-northeast-3", "ap-southeast-3", "ca-west-1", "eu-central-1",
                                                      "il-central-1"};

template <typename List>
bool is_in(const List& list, std::string_view region) {
  return std::find(list.begin(), list.end(), region) != list.end();
}

}  // namespace

std::vector<ApiRate> published_rates(std::string_view region) {
  const double get = is_in(kSlowGet, region) ? 10 : region == "eu-west-3" ? 30 : 25;
  const double filter = is_in(kSlowFilter, region) ? 5 : region == "us-east-1" ? 25 : 10;
  return {
      {"cluster modify", {"CreateCluster"}, 20, 1},
      {"cluster read", {"DescribeClusters"}, 50, 20},
      {"task definition modify", {"RegisterTaskDefinition", "DeregisterTaskDefinition"}, 20, 1},
      {"task definition read", {"DescribeTaskDefinition", "ListTaskDefinitions", "ListTaskDefinitionFamilies"}, 50, 20},
      {"tag modify", {"TagResource"}, 20, 10},
      // ECS allows 100 and 40 for RunTask and StopTask together; Fargate 20 RunTask calls.
      {"RunTask on Fargate", {"RunTask"}, 20, 20},
      {"cluster resource modify", {"StopTask"}, 80, 20},
      {"cluster resource read", {"DescribeTasks", "ListTasks"}, 100, 20},
      {"GetLogEvents", {"GetLogEvents"}, get, get},
      {"FilterLogEvents", {"FilterLogEvents"}, filter, filter},
      {"CreateLogGroup", {"CreateLogGroup"}, 10, 10},
      {"DescribeLogGroups", {"DescribeLogGroups"}, 10, 10},
      {"DescribeLogStreams", {"DescribeLogStreams"}, 25, 25},
      {"PutRetentionPolicy", {"PutRetentionPolicy"}, 5, 5}};
}

RateLimiter::RateLimiter(Clock& clock, std::vector<ApiRate> rates) : clock_(clock) {
  for (ApiRate& rate : rates) {
    for (const std::string& operation : rate.operations) {
      by_operation_.insert_or_assign(operation, buckets_.size());
    }
    const double burst = rate.burst;
    buckets_.push_back({std::move(rate), burst, clock.steady_now()});
  }
}

RateLimiter::Bucket* RateLimiter::bucket_of(std::string_view operation) {
  const auto found = by_operation_.find(operation);
  return found == by_operation_.end() ? nullptr : &buckets_[found->second];
}

void RateLimiter::refill(Bucket& bucket) const {
  const auto now = clock_.steady_now();
  const std::chrono::duration<double> passed = now - bucket.filled_at;
  bucket.tokens = std::min(bucket.rate.burst, bucket.tokens + passed.count() * bucket.rate.per_second);
  bucket.filled_at = now;
}

Clock::Duration RateLimiter::expected_wait(std::string_view operation) {
  Bucket* bucket = bucket_of(operation);
  if (bucket == nullptr) return Clock::Duration::zero();
  refill(*bucket);
  const double missing = 1 - bucket->tokens;
  return missing <= 0 ? Clock::Duration::zero() : seconds(missing / bucket->rate.per_second);
}

Awaitable<void> RateLimiter::acquire(std::string operation, Clock::Duration limit) {
  Bucket* bucket = bucket_of(operation);
  if (bucket == nullptr) co_return;
  const Clock::Duration wait = expected_wait(operation);
  if (wait > limit) {
    throw Error(
        ErrorKind::unavailable,
        fmt::format("{} would have to wait {} s for AWS's rate quota \"{}\" ({} calls a second); try again later",
                    operation, std::chrono::duration_cast<std::chrono::seconds>(wait).count(), bucket->rate.name,
                    bucket->rate.per_second));
  }
  bucket->tokens -= 1;
  if (wait == Clock::Duration::zero()) co_return;
  // Buckets are never added or removed, so the pointer stays good.
  Rollback give_back([bucket] { bucket->tokens += 1; });
  co_await clock_.sleep(wait);
  give_back.dismiss();
}

}  // namespace sockerless::aws
