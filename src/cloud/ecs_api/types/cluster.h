#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloud/ecs_api/types/container_parts.h"

namespace sockerless::cloud::ecs {

// Something that was asked for and could not be had, in an answer that is otherwise a success.
struct Failure {
  std::string arn;
  std::string reason;
  std::string detail;

  static constexpr auto fields() {
    return std::tuple{json::field("arn", &Failure::arn, kOmit), json::field("reason", &Failure::reason),
                      json::field("detail", &Failure::detail, kOmit)};
  }
};

struct CapacityProviderStrategyItem {
  std::string capacity_provider;
  int weight = 0;
  int base = 0;

  static constexpr auto fields() {
    using Self = CapacityProviderStrategyItem;
    return std::tuple{json::field("capacityProvider", &Self::capacity_provider), json::field("weight", &Self::weight),
                      json::field("base", &Self::base)};
  }
};

struct Cluster {
  std::string arn;
  std::string name;
  std::string status = "ACTIVE";
  int registered_container_instances = 0;
  int running_tasks = 0;
  int pending_tasks = 0;
  int active_services = 0;
  std::vector<KeyValue> statistics;
  std::vector<Tag> tags;
  std::vector<KeyValue> settings;
  std::vector<std::string> capacity_providers;
  std::vector<CapacityProviderStrategyItem> default_strategy;
  json::Value configuration;
  json::Value service_connect_defaults;

  static constexpr auto fields() {
    using Self = Cluster;
    return std::tuple{json::field("clusterArn", &Self::arn),
                      json::field("clusterName", &Self::name),
                      json::field("status", &Self::status),
                      json::field("registeredContainerInstancesCount", &Self::registered_container_instances),
                      json::field("runningTasksCount", &Self::running_tasks),
                      json::field("pendingTasksCount", &Self::pending_tasks),
                      json::field("activeServicesCount", &Self::active_services),
                      json::field("statistics", &Self::statistics),
                      json::field("tags", &Self::tags),
                      json::field("settings", &Self::settings),
                      json::field("capacityProviders", &Self::capacity_providers),
                      json::field("defaultCapacityProviderStrategy", &Self::default_strategy),
                      json::field("configuration", &Self::configuration, kOmit),
                      json::field("serviceConnectDefaults", &Self::service_connect_defaults, kOmit)};
  }
};

struct CreateClusterRequest {
  std::string name;
  std::vector<Tag> tags;
  std::vector<KeyValue> settings;
  std::vector<std::string> capacity_providers;
  std::vector<CapacityProviderStrategyItem> default_strategy;
  json::Value configuration;
  json::Value service_connect_defaults;

  static constexpr auto fields() {
    using Self = CreateClusterRequest;
    return std::tuple{json::field("clusterName", &Self::name),
                      json::field("tags", &Self::tags),
                      json::field("settings", &Self::settings),
                      json::field("capacityProviders", &Self::capacity_providers),
                      json::field("defaultCapacityProviderStrategy", &Self::default_strategy),
                      json::field("configuration", &Self::configuration),
                      json::field("serviceConnectDefaults", &Self::service_connect_defaults)};
  }
};

struct DeleteClusterRequest {
  std::string cluster;

  static constexpr auto fields() { return std::tuple{json::field("cluster", &DeleteClusterRequest::cluster)}; }
};

struct ClusterResponse {
  Cluster cluster;

  static constexpr auto fields() { return std::tuple{json::field("cluster", &ClusterResponse::cluster)}; }
};

struct DescribeClustersRequest {
  std::vector<std::string> clusters;
  std::vector<std::string> include;

  static constexpr auto fields() {
    return std::tuple{json::field("clusters", &DescribeClustersRequest::clusters),
                      json::field("include", &DescribeClustersRequest::include)};
  }
};

struct DescribeClustersResponse {
  std::vector<Cluster> clusters;
  std::vector<Failure> failures;

  static constexpr auto fields() {
    return std::tuple{json::field("clusters", &DescribeClustersResponse::clusters),
                      json::field("failures", &DescribeClustersResponse::failures)};
  }
};

struct ListClustersRequest {
  std::string next_token;
  std::optional<int> max_results;

  static constexpr auto fields() {
    return std::tuple{json::field("nextToken", &ListClustersRequest::next_token),
                      json::field("maxResults", &ListClustersRequest::max_results)};
  }
};

struct ListClustersResponse {
  std::vector<std::string> arns;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{json::field("clusterArns", &ListClustersResponse::arns),
                      json::field("nextToken", &ListClustersResponse::next_token, kOmit)};
  }
};

}  // namespace sockerless::cloud::ecs
