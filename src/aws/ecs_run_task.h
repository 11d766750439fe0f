#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aws/ecs_task.h"
#include "aws/ecs_task_definition.h"
#include "aws/wire.h"

// What RunTask takes and returns.
namespace sockerless::aws {

struct AwsvpcConfiguration {
  std::vector<std::string> subnets;
  std::vector<std::string> security_groups;
  std::string assign_public_ip;  // ENABLED or DISABLED

  static constexpr auto fields() {
    return std::tuple{member("subnets", &AwsvpcConfiguration::subnets),
                      member("securityGroups", &AwsvpcConfiguration::security_groups),
                      member("assignPublicIp", &AwsvpcConfiguration::assign_public_ip)};
  }
};

struct NetworkConfiguration {
  std::optional<AwsvpcConfiguration> awsvpc_configuration;

  static constexpr auto fields() {
    return std::tuple{member("awsvpcConfiguration", &NetworkConfiguration::awsvpc_configuration)};
  }
};

struct CapacityProviderStrategyItem {
  std::string capacity_provider;
  std::optional<int> weight;
  std::optional<int> base;

  static constexpr auto fields() {
    return std::tuple{member("capacityProvider", &CapacityProviderStrategyItem::capacity_provider),
                      member("weight", &CapacityProviderStrategyItem::weight),
                      member("base", &CapacityProviderStrategyItem::base)};
  }
};

struct ContainerOverride {
  std::string name;
  std::vector<std::string> command;
  std::vector<KeyValuePair> environment;
  std::optional<int> cpu;
  std::optional<int> memory;

  static constexpr auto fields() {
    return std::tuple{member("name", &ContainerOverride::name), member("command", &ContainerOverride::command),
                      member("environment", &ContainerOverride::environment), member("cpu", &ContainerOverride::cpu),
                      member("memory", &ContainerOverride::memory)};
  }
};

struct TaskOverride {
  std::vector<ContainerOverride> container_overrides;
  std::string cpu;
  std::string memory;
  std::string task_role_arn;
  std::string execution_role_arn;
  std::optional<EphemeralStorage> ephemeral_storage;

  static constexpr auto fields() {
    return std::tuple{member("containerOverrides", &TaskOverride::container_overrides),
                      member("cpu", &TaskOverride::cpu),
                      member("memory", &TaskOverride::memory),
                      member("taskRoleArn", &TaskOverride::task_role_arn),
                      member("executionRoleArn", &TaskOverride::execution_role_arn),
                      member("ephemeralStorage", &TaskOverride::ephemeral_storage)};
  }
};

struct RunTaskRequest {
  std::string cluster;
  std::string task_definition;
  std::optional<int> count;
  std::string launch_type;  // or a strategy, never both
  std::vector<CapacityProviderStrategyItem> capacity_provider_strategy;
  std::string platform_version;
  std::optional<NetworkConfiguration> network_configuration;
  std::optional<TaskOverride> overrides;
  std::string client_token;
  std::string started_by;
  std::string group;
  std::string propagate_tags;
  std::optional<bool> enable_ecs_managed_tags;
  std::vector<Tag> tags;

  static constexpr auto fields() {
    return std::tuple{member("cluster", &RunTaskRequest::cluster),
                      member("taskDefinition", &RunTaskRequest::task_definition),
                      member("count", &RunTaskRequest::count),
                      member("launchType", &RunTaskRequest::launch_type),
                      member("capacityProviderStrategy", &RunTaskRequest::capacity_provider_strategy),
                      member("platformVersion", &RunTaskRequest::platform_version),
                      member("networkConfiguration", &RunTaskRequest::network_configuration),
                      member("overrides", &RunTaskRequest::overrides),
                      member("clientToken", &RunTaskRequest::client_token),
                      member("startedBy", &RunTaskRequest::started_by),
                      member("group", &RunTaskRequest::group),
                      member("propagateTags", &RunTaskRequest::propagate_tags),
                      member("enableECSManagedTags", &RunTaskRequest::enable_ecs_managed_tags),
                      member("tags", &RunTaskRequest::tags)};
  }
};

struct RunTaskResponse {
  std::vector<Task> tasks;
  std::vector<Failure> failures;

  static constexpr auto fields() {
    return std::tuple{member("tasks", &RunTaskResponse::tasks), member("failures", &RunTaskResponse::failures)};
  }
};

}  // namespace sockerless::aws
