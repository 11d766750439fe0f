#include "cloud/faults/throttle.h"

#include <algorithm>
#include <array>
#include <vector>

namespace sockerless::cloud {
namespace {

struct Rule {
  std::string_view service;
  std::string_view bucket;
  double burst;
  double per_second;
  std::vector<std::string_view> operations;
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> kRules{
      {"ecs", "cluster modify", 20, 1, {"CreateCluster", "DeleteCluster", "UpdateCluster"}},
      {"ecs", "cluster read", 50, 20, {"DescribeClusters", "ListClusters"}},
      {"ecs", "task definition modify", 20, 1, {"RegisterTaskDefinition", "DeregisterTaskDefinition"}},
      {"ecs",
       "task definition read",
       50,
       20,
       {"DescribeTaskDefinition", "ListTaskDefinitions", "ListTaskDefinitionFamilies"}},
      {"ecs", "task definition delete", 5, 1, {"DeleteTaskDefinitions"}},
      {"ecs", "tag modify", 20, 10, {"TagResource", "UntagResource"}},
      {"ecs", "tag read", 50, 20, {"ListTagsForResource"}},
      {"ecs", "cluster resource modify", 100, 40, {"RunTask", "StopTask", "ExecuteCommand"}},
      {"ecs", "RunTask on Fargate", 20, 20, {"RunTask"}},
      {"ecs", "cluster resource read", 100, 20, {"DescribeTasks", "ListTasks"}},
      {"logs", "PutLogEvents", 5000, 5000, {"PutLogEvents"}},
      {"logs", "CreateLogStream", 50, 50, {"CreateLogStream"}},
      {"logs", "CreateLogGroup", 10, 10, {"CreateLogGroup"}},
      {"logs", "DescribeLogGroups", 10, 10, {"DescribeLogGroups"}},
      {"logs", "DescribeLogStreams", 25, 25, {"DescribeLogStreams"}},
      {"logs", "DeleteLogGroup", 10, 10, {"DeleteLogGroup"}},
      {"logs", "DeleteLogStream", 15, 15, {"DeleteLogStream"}},
      {"logs", "PutRetentionPolicy", 5, 5, {"PutRetentionPolicy"}},
      {"logs", "GetLogEvents", 25, 25, {"GetLogEvents"}},
      {"logs", "FilterLogEvents", 10, 10, {"FilterLogEvents"}},
  };
  return kRules;
}

constexpr std::array kSlowReading{"us-west-2",    "ap-northeast-3", "ap-southeast-3", "ca-west-1",
                                  "eu-central-1", "eu-west-1",      "il-central-1"};
constexpr std::array kSlowFiltering{"ap-northeast-3", "ap-southeast-3", "ca-west-1", "eu-central-1", "il-central-1"};

template <typename List>
bool contains(const List& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

// The two limits that are not the same everywhere; 0 for all others.
double Throttle::regional_rate(std::string_view operation) const {
  if (operation == "GetLogEvents" && contains(kSlowReading, region_)) return 10;
  if (operation == "GetLogEvents" && region_ == "eu-west-3") return 30;
  if (operation == "FilterLogEvents" && contains(kSlowFiltering, region_)) return 5;
  if (operation == "FilterLogEvents" && region_ == "us-east-1") return 25;
  return 0;
}

Throttle::Bucket& Throttle::refill(const Limit& limit, double scale) {
  const auto now = clock_.steady_now();
  const auto [at, is_new] = buckets_.try_emplace(limit.name, Bucket{limit.burst * scale, now});
  Bucket& bucket = at->second;
  const std::chrono::duration<double> passed = now - bucket.at;
  bucket.tokens = std::min(limit.burst * scale, bucket.tokens + passed.count() * limit.per_second * scale);
  bucket.at = now;
  return bucket;
}

bool Throttle::admits(std::string_view service, std::string_view operation, double scale) {
  std::vector<Bucket*> taken;
  for (const Rule& rule : rules()) {
    if (rule.service != service || !contains(rule.operations, operation)) continue;
    Limit limit{std::string(rule.bucket), rule.burst, rule.per_second};
    if (const double rate = regional_rate(operation); rate > 0) limit.burst = limit.per_second = rate;
    Bucket& bucket = refill(limit, scale);
    if (bucket.tokens < 1) return false;
    taken.push_back(&bucket);
  }
  for (Bucket* bucket : taken) bucket->tokens -= 1;
  return true;
}

bool Throttle::admits_launches(int tasks, bool is_spot, double scale) {
  Bucket& bucket = refill({is_spot ? "Spot launches" : "on-demand launches", 100, 20}, scale);
  if (bucket.tokens < tasks) return false;
  bucket.tokens -= tasks;
  return true;
}

}  // namespace sockerless::cloud
