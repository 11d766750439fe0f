#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aws/ecs_container_definition.h"
#include "aws/wire.h"

// What RegisterTaskDefinition takes and returns, as far as Fargate knows it.
namespace sockerless::aws {

struct EfsAuthorizationConfig {
  std::string access_point_id;
  std::string iam;  // ENABLED or DISABLED

  static constexpr auto fields() {
    return std::tuple{member("accessPointId", &EfsAuthorizationConfig::access_point_id),
                      member("iam", &EfsAuthorizationConfig::iam)};
  }
};

struct EfsVolumeConfiguration {
  std::string file_system_id;
  std::string root_directory;
  std::string transit_encryption;  // ENABLED or DISABLED
  std::optional<EfsAuthorizationConfig> authorization_config;

  static constexpr auto fields() {
    return std::tuple{member("fileSystemId", &EfsVolumeConfiguration::file_system_id),
                      member("rootDirectory", &EfsVolumeConfiguration::root_directory),
                      member("transitEncryption", &EfsVolumeConfiguration::transit_encryption),
                      member("authorizationConfig", &EfsVolumeConfiguration::authorization_config)};
  }
};

struct HostVolume {
  std::string source_path;  // never on Fargate

  static constexpr auto fields() { return std::tuple{member("sourcePath", &HostVolume::source_path)}; }
};

// A task volume has an empty `host`, a file system `efsVolumeConfiguration`.
struct Volume {
  std::string name;
  std::optional<HostVolume> host;
  std::optional<EfsVolumeConfiguration> efs_volume_configuration;

  static constexpr auto fields() {
    return std::tuple{member("name", &Volume::name), member("host", &Volume::host),
                      member("efsVolumeConfiguration", &Volume::efs_volume_configuration)};
  }
};

struct RuntimePlatform {
  std::string cpu_architecture;  // X86_64 or ARM64
  std::string operating_system_family;

  static constexpr auto fields() {
    return std::tuple{member("cpuArchitecture", &RuntimePlatform::cpu_architecture),
                      member("operatingSystemFamily", &RuntimePlatform::operating_system_family)};
  }
};

struct EphemeralStorage {
  int size_in_gib = 0;

  static constexpr auto fields() { return std::tuple{member("sizeInGiB", &EphemeralStorage::size_in_gib)}; }
};

struct RegisterTaskDefinitionRequest {
  std::string family;
  std::string task_role_arn;
  std::string execution_role_arn;
  std::string network_mode;
  std::vector<ContainerDefinition> container_definitions;
  std::vector<Volume> volumes;
  std::vector<std::string> requires_compatibilities;
  std::string cpu;
  std::string memory;
  std::string pid_mode;
  std::optional<EphemeralStorage> ephemeral_storage;
  std::optional<RuntimePlatform> runtime_platform;
  std::vector<Tag> tags;

  static constexpr auto fields() {
    return std::tuple{member("family", &RegisterTaskDefinitionRequest::family),
                      member("taskRoleArn", &RegisterTaskDefinitionRequest::task_role_arn),
                      member("executionRoleArn", &RegisterTaskDefinitionRequest::execution_role_arn),
                      member("networkMode", &RegisterTaskDefinitionRequest::network_mode),
                      member("containerDefinitions", &RegisterTaskDefinitionRequest::container_definitions),
                      member("volumes", &RegisterTaskDefinitionRequest::volumes),
                      member("requiresCompatibilities", &RegisterTaskDefinitionRequest::requires_compatibilities),
                      member("cpu", &RegisterTaskDefinitionRequest::cpu),
                      member("memory", &RegisterTaskDefinitionRequest::memory),
                      member("pidMode", &RegisterTaskDefinitionRequest::pid_mode),
                      member("ephemeralStorage", &RegisterTaskDefinitionRequest::ephemeral_storage),
                      member("runtimePlatform", &RegisterTaskDefinitionRequest::runtime_platform),
                      member("tags", &RegisterTaskDefinitionRequest::tags)};
  }
};

struct TaskDefinition {
  std::string task_definition_arn;
  std::string family;
  int revision = 0;
  std::string status;
  std::vector<ContainerDefinition> container_definitions;
  std::vector<Volume> volumes;
  std::string cpu;
  std::string memory;
  std::optional<RuntimePlatform> runtime_platform;
  std::optional<double> registered_at;  // seconds since the epoch

  static constexpr auto fields() {
    return std::tuple{member("taskDefinitionArn", &TaskDefinition::task_definition_arn),
                      member("family", &TaskDefinition::family),
                      member("revision", &TaskDefinition::revision),
                      member("status", &TaskDefinition::status),
                      member("containerDefinitions", &TaskDefinition::container_definitions),
                      member("volumes", &TaskDefinition::volumes),
                      member("cpu", &TaskDefinition::cpu),
                      member("memory", &TaskDefinition::memory),
                      member("runtimePlatform", &TaskDefinition::runtime_platform),
                      member("registeredAt", &TaskDefinition::registered_at)};
  }
};

struct RegisterTaskDefinitionResponse {
  TaskDefinition task_definition;
  std::vector<Tag> tags;

  static constexpr auto fields() {
    return std::tuple{member("taskDefinition", &RegisterTaskDefinitionResponse::task_definition),
                      member("tags", &RegisterTaskDefinitionResponse::tags)};
  }
};

struct DescribeTaskDefinitionRequest {
  std::string task_definition;  // ARN, FAMILY:REVISION, or FAMILY for its newest active revision
  std::vector<std::string> include;

  static constexpr auto fields() {
    return std::tuple{member("taskDefinition", &DescribeTaskDefinitionRequest::task_definition),
                      member("include", &DescribeTaskDefinitionRequest::include)};
  }
};

struct DescribeTaskDefinitionResponse {
  TaskDefinition task_definition;
  std::vector<Tag> tags;

  static constexpr auto fields() {
    return std::tuple{member("taskDefinition", &DescribeTaskDefinitionResponse::task_definition),
                      member("tags", &DescribeTaskDefinitionResponse::tags)};
  }
};

struct DeregisterTaskDefinitionRequest {
  std::string task_definition;  // ARN or FAMILY:REVISION

  static constexpr auto fields() {
    return std::tuple{member("taskDefinition", &DeregisterTaskDefinitionRequest::task_definition)};
  }
};

struct DeregisterTaskDefinitionResponse {
  TaskDefinition task_definition;

  static constexpr auto fields() {
    return std::tuple{member("taskDefinition", &DeregisterTaskDefinitionResponse::task_definition)};
  }
};

}  // namespace sockerless::aws
