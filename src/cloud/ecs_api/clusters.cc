#include "cloud/ecs_api/clusters.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/ecs_api/tags.h"
#include "cloud/front/api_error.h"

namespace sockerless::cloud::ecs {
namespace {

const std::string kTable = "clusters";
constexpr std::string_view kActive = "ACTIVE";

bool is_valid_name(const std::string& name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

void check_capacity_provider(const std::string& name) {
  if (name == "FARGATE" || name == "FARGATE_SPOT") return;
  throw invalid_parameter(
      fmt::format("The specified capacity provider {} was not found. Specify a "
                  "valid name or ARN and try again.",
                  name));
}

void check_settings(const std::vector<KeyValue>& settings) {
  for (const KeyValue& setting : settings) {
    if (setting.name != "containerInsights") {
      throw invalid_parameter(fmt::format("The specified cluster setting {} is invalid.", setting.name));
    }
    if (setting.value != "enabled" && setting.value != "disabled" && setting.value != "enhanced") {
      throw invalid_parameter("containerInsights should be one of [enabled, disabled, enhanced].");
    }
  }
}

void check_strategy(const CreateClusterRequest& request) {
  const auto& providers = request.capacity_providers;
  for (const auto& item : request.default_strategy) {
    check_capacity_provider(item.capacity_provider);
    if (std::find(providers.begin(), providers.end(), item.capacity_provider) == providers.end()) {
      throw invalid_parameter(fmt::format(
          "The capacity provider {} of the default strategy is not one of the cluster's.", item.capacity_provider));
    }
  }
}

}  // namespace

Clusters::Clusters(Identity identity, StateStore& state) : identity_(std::move(identity)), state_(state) {
  for (const auto& [name, document] : state_.load(kTable)) {
    auto cluster = read_row<Cluster>(kTable, name, document);
    if (cluster.status == kActive) {
      by_name_[name] = std::move(cluster);
    } else {
      state_.erase(kTable, name);
    }
  }
}

const Cluster& Clusters::create(CreateClusterRequest request) {
  const std::string name = request.name.empty() ? "default" : request.name;
  if (!is_valid_name(name)) throw invalid_parameter("Invalid cluster name.");
  validate_tags(request.tags);
  for (const std::string& provider : request.capacity_providers) check_capacity_provider(provider);
  check_settings(request.settings);
  check_strategy(request);

  const auto found = by_name_.find(name);
  if (found != by_name_.end() && found->second.status == kActive) return found->second;
  Cluster& cluster = by_name_[name];
  cluster = Cluster();
  cluster.arn = arn_of(name);
  cluster.name = name;
  cluster.tags = std::move(request.tags);
  cluster.settings =
      request.settings.empty() ? std::vector<KeyValue>{{"containerInsights", "disabled"}} : std::move(request.settings);
  cluster.capacity_providers = std::move(request.capacity_providers);
  cluster.default_strategy = std::move(request.default_strategy);
  cluster.configuration = std::move(request.configuration);
  cluster.service_connect_defaults = std::move(request.service_connect_defaults);
  save(cluster);
  return cluster;
}

const Cluster* Clusters::find(const std::string& reference) const {
  std::string name = reference.empty() ? "default" : reference;
  const std::string prefix = arn_of("");
  if (name.compare(0, prefix.size(), prefix) == 0) name.erase(0, prefix.size());
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

const Cluster& Clusters::get(const std::string& reference) const {
  const Cluster* cluster = find(reference);
  if (cluster == nullptr || cluster->status != kActive) throw cluster_not_found();
  return *cluster;
}

const Cluster& Clusters::remove(const std::string& reference) {
  Cluster& cluster = by_name_.at(get(reference).name);
  cluster.status = "INACTIVE";
  save(cluster);
  return cluster;
}

const std::vector<Tag>* Clusters::find_tags(const std::string& arn) const {
  for (const auto& [name, cluster] : by_name_) {
    if (cluster.arn == arn && cluster.status == kActive) return &cluster.tags;
  }
  return nullptr;
}

void Clusters::set_tags(const std::string& arn, std::vector<Tag> tags) {
  for (auto& [name, cluster] : by_name_) {
    if (cluster.arn != arn) continue;
    cluster.tags = std::move(tags);
    save(cluster);
    return;
  }
  throw cluster_not_found();
}

void Clusters::save(const Cluster& cluster) { state_.put(kTable, cluster.name, json::to_text(cluster)); }

}  // namespace sockerless::cloud::ecs
