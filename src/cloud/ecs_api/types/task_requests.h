#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloud/ecs_api/types/task.h"

namespace sockerless::cloud::ecs {

struct AwsvpcConfiguration {
  std::vector<std::string> subnets;
  std::vector<std::string> security_groups;
  std::string assign_public_ip;

  static constexpr auto fields() {
    return std::tuple{json::field("subnets", &AwsvpcConfiguration::subnets),
                      json::field("securityGroups", &AwsvpcConfiguration::security_groups),
                      json::field("assignPublicIp", &AwsvpcConfiguration::assign_public_ip)};
  }
};

struct NetworkConfiguration {
  std::optional<AwsvpcConfiguration> awsvpc;

  static constexpr auto fields() {
    return std::tuple{json::field("awsvpcConfiguration", &NetworkConfiguration::awsvpc)};
  }
};

struct RunTaskRequest {
  std::string task_definition;
  std::string cluster;
  std::optional<int> count;
  std::string launch_type;
  std::vector<CapacityProviderStrategyItem> capacity_provider_strategy;
  std::string client_token;
  std::optional<NetworkConfiguration> network_configuration;
  TaskOverride overrides;
  std::string group;
  std::string started_by;
  bool enable_execute_command = false;
  bool enable_managed_tags = false;
  std::string propagate_tags;
  std::vector<Tag> tags;
  std::string platform_version;
  std::vector<json::Value> placement_constraints;
  std::vector<json::Value> placement_strategy;
  std::string reference_id;
  std::vector<json::Value> volume_configurations;

  static constexpr auto fields() {
    using Self = RunTaskRequest;
    return std::tuple{json::field("taskDefinition", &Self::task_definition),
                      json::field("cluster", &Self::cluster),
                      json::field("count", &Self::count),
                      json::field("launchType", &Self::launch_type),
                      json::field("capacityProviderStrategy", &Self::capacity_provider_strategy),
                      json::field("clientToken", &Self::client_token),
                      json::field("networkConfiguration", &Self::network_configuration),
                      json::field("overrides", &Self::overrides),
                      json::field("group", &Self::group),
                      json::field("startedBy", &Self::started_by),
                      json::field("enableExecuteCommand", &Self::enable_execute_command),
                      json::field("enableECSManagedTags", &Self::enable_managed_tags),
                      json::field("propagateTags", &Self::propagate_tags),
                      json::field("tags", &Self::tags),
                      json::field("platformVersion", &Self::platform_version),
                      json::field("placementConstraints", &Self::placement_constraints),
                      json::field("placementStrategy", &Self::placement_strategy),
                      json::field("referenceId", &Self::reference_id),
                      json::field("volumeConfigurations", &Self::volume_configurations)};
  }
};

struct TasksResponse {
  std::vector<Task> tasks;
  std::vector<Failure> failures;

  static constexpr auto fields() {
    return std::tuple{json::field("tasks", &TasksResponse::tasks), json::field("failures", &TasksResponse::failures)};
  }
};

struct DescribeTasksRequest {
  std::string cluster;
  std::vector<std::string> tasks;
  std::vector<std::string> include;

  static constexpr auto fields() {
    return std::tuple{json::field("cluster", &DescribeTasksRequest::cluster),
                      json::field("tasks", &DescribeTasksRequest::tasks),
                      json::field("include", &DescribeTasksRequest::include)};
  }
};

struct StopTaskRequest {
  std::string cluster;
  std::string task;
  std::string reason;

  static constexpr auto fields() {
    return std::tuple{json::field("cluster", &StopTaskRequest::cluster), json::field("task", &StopTaskRequest::task),
                      json::field("reason", &StopTaskRequest::reason)};
  }
};

struct TaskResponse {
  Task task;

  static constexpr auto fields() { return std::tuple{json::field("task", &TaskResponse::task)}; }
};

struct ListTasksRequest {
  std::string cluster;
  std::string container_instance;
  std::string family;
  std::string next_token;
  std::optional<int> max_results;
  std::string started_by;
  std::string service_name;
  std::string desired_status;
  std::string launch_type;

  static constexpr auto fields() {
    using Self = ListTasksRequest;
    return std::tuple{json::field("cluster", &Self::cluster),
                      json::field("containerInstance", &Self::container_instance),
                      json::field("family", &Self::family),
                      json::field("nextToken", &Self::next_token),
                      json::field("maxResults", &Self::max_results),
                      json::field("startedBy", &Self::started_by),
                      json::field("serviceName", &Self::service_name),
                      json::field("desiredStatus", &Self::desired_status),
                      json::field("launchType", &Self::launch_type)};
  }
};

struct ListTasksResponse {
  std::vector<std::string> arns;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{json::field("taskArns", &ListTasksResponse::arns),
                      json::field("nextToken", &ListTasksResponse::next_token, kOmit)};
  }
};

}  // namespace sockerless::cloud::ecs
