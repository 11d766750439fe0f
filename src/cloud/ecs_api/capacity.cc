#include "cloud/ecs_api/capacity.h"

#include <algorithm>

#include "cloud/front/api_error.h"

namespace sockerless::cloud::ecs {
namespace {

using Strategy = std::vector<CapacityProviderStrategyItem>;

constexpr std::size_t kMostItems = 20;
constexpr int kMostWeight = 1000;
constexpr int kMostBase = 100'000;

void check_item(const CapacityProviderStrategyItem& item, const Cluster& cluster) {
  const auto& known = cluster.capacity_providers;
  if (std::find(known.begin(), known.end(), item.capacity_provider) == known.end()) {
    throw invalid_parameter(
        "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the "
        "cluster. Associate the capacity provider with the cluster and try again.");
  }
  if (item.weight < 0 || item.weight > kMostWeight) throw invalid_parameter("weight must be between 0 and 1000.");
  if (item.base < 0 || item.base > kMostBase) throw invalid_parameter("base must be between 0 and 100000.");
}

void check(const Strategy& strategy, const Cluster& cluster) {
  if (strategy.size() > kMostItems) {
    throw invalid_parameter("capacityProviderStrategy can have at most 20 items.");
  }
  for (const auto& item : strategy) check_item(item, cluster);
  const auto has_base = [](const CapacityProviderStrategyItem& item) { return item.base > 0; };
  if (std::count_if(strategy.begin(), strategy.end(), has_base) > 1) {
    throw invalid_parameter("Only one capacity provider in a capacity provider strategy can have a base defined.");
  }
  const auto is_weightless = [](const CapacityProviderStrategyItem& item) { return item.weight == 0; };
  if (strategy.size() > 1 && std::all_of(strategy.begin(), strategy.end(), is_weightless)) {
    throw invalid_parameter("At least one capacity provider must have a weight greater than zero.");
  }
}

std::vector<std::string> distribute(const Strategy& strategy, int count) {
  std::vector<std::string> chosen;
  for (const auto& item : strategy) {
    for (int i = 0; i < item.base && static_cast<int>(chosen.size()) < count; ++i) {
      chosen.push_back(item.capacity_provider);
    }
  }
  // Each further task goes where the share is furthest below the weight's.
  std::vector<int> given(strategy.size(), 0);
  while (static_cast<int>(chosen.size()) < count) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < strategy.size(); ++i) {
      const auto load = [&](std::size_t at) { return given[at] + 1; };
      const bool is_better =
          strategy[i].weight > 0 &&
          (strategy[best].weight == 0 || load(i) * strategy[best].weight < load(best) * strategy[i].weight);
      if (is_better) best = i;
    }
    ++given[best];
    chosen.push_back(strategy[best].capacity_provider);
  }
  return chosen;
}

}  // namespace

std::vector<std::string> choose_providers(const RunTaskRequest& request, const Cluster& cluster) {
  const auto count = static_cast<std::size_t>(request.count.value_or(1));
  if (!request.capacity_provider_strategy.empty() && !request.launch_type.empty()) {
    throw invalid_parameter(
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.");
  }
  const std::string& type = request.launch_type;
  if (!type.empty() && type != "FARGATE" && type != "EC2" && type != "EXTERNAL" && type != "MANAGED_INSTANCES") {
    throw invalid_parameter("launchType should be one of [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]");
  }
  if (type == "FARGATE") return std::vector<std::string>(count);
  const Strategy& strategy =
      request.capacity_provider_strategy.empty() ? cluster.default_strategy : request.capacity_provider_strategy;
  if (type.empty() && !strategy.empty()) {
    check(strategy, cluster);
    return distribute(strategy, static_cast<int>(count));
  }
  // The default is EC2, which needs machines that this cloud does not have.
  throw invalid_parameter("No Container Instances were found in your cluster.");
}

}  // namespace sockerless::cloud::ecs
