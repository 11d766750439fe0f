#pragma once

#include "cloud/ecs_api/types/container_definition.h"

namespace sockerless::cloud::ecs {

struct HostVolume {
  std::string source_path;

  static constexpr auto fields() { return std::tuple{json::field("sourcePath", &HostVolume::source_path, kOmit)}; }
};

struct EfsAuthorization {
  std::string access_point_id;
  std::string iam;

  static constexpr auto fields() {
    return std::tuple{json::field("accessPointId", &EfsAuthorization::access_point_id, kOmit),
                      json::field("iam", &EfsAuthorization::iam, kOmit)};
  }
};

struct EfsVolume {
  std::string file_system_id;
  std::string root_directory;
  std::string transit_encryption;
  std::optional<int> transit_encryption_port;
  std::optional<EfsAuthorization> authorization_config;

  static constexpr auto fields() {
    return std::tuple{json::field("fileSystemId", &EfsVolume::file_system_id),
                      json::field("rootDirectory", &EfsVolume::root_directory, kOmit),
                      json::field("transitEncryption", &EfsVolume::transit_encryption, kOmit),
                      json::field("transitEncryptionPort", &EfsVolume::transit_encryption_port, kOmit),
                      json::field("authorizationConfig", &EfsVolume::authorization_config, kOmit)};
  }
};

struct Volume {
  std::string name;
  std::optional<HostVolume> host;
  json::Value docker_volume_configuration;
  std::optional<EfsVolume> efs;
  json::Value fsx;
  std::optional<bool> configured_at_launch;

  static constexpr auto fields() {
    return std::tuple{json::field("name", &Volume::name),
                      json::field("host", &Volume::host, kOmit),
                      json::field("dockerVolumeConfiguration", &Volume::docker_volume_configuration, kOmit),
                      json::field("efsVolumeConfiguration", &Volume::efs, kOmit),
                      json::field("fsxWindowsFileServerVolumeConfiguration", &Volume::fsx, kOmit),
                      json::field("configuredAtLaunch", &Volume::configured_at_launch, kOmit)};
  }
};

struct EphemeralStorage {
  int size_in_gib = 20;

  static constexpr auto fields() { return std::tuple{json::field("sizeInGiB", &EphemeralStorage::size_in_gib)}; }
};

struct RuntimePlatform {
  std::string cpu_architecture;
  std::string operating_system_family;

  static constexpr auto fields() {
    return std::tuple{json::field("cpuArchitecture", &RuntimePlatform::cpu_architecture, kOmit),
                      json::field("operatingSystemFamily", &RuntimePlatform::operating_system_family, kOmit)};
  }
};

struct Attribute {
  std::string name;
  std::string value;

  static constexpr auto fields() {
    return std::tuple{json::field("name", &Attribute::name), json::field("value", &Attribute::value, kOmit)};
  }
};

struct TaskDefinition {
  std::string arn;
  std::vector<ContainerDefinition> containers;
  std::string family;
  std::string task_role_arn;
  std::string execution_role_arn;
  std::string network_mode;
  int revision = 0;
  std::vector<Volume> volumes;
  std::string status;  // ACTIVE, INACTIVE, DELETE_IN_PROGRESS
  std::vector<Attribute> requires_attributes;
  std::vector<json::Value> placement_constraints;
  std::vector<std::string> compatibilities;
  std::optional<RuntimePlatform> runtime_platform;
  std::vector<std::string> requires_compatibilities;
  std::string cpu;
  std::string memory;
  std::vector<json::Value> inference_accelerators;
  std::string pid_mode;
  std::string ipc_mode;
  json::Value proxy_configuration;
  double registered_at = 0;
  double deregistered_at = 0;
  double delete_requested_at = 0;
  std::string registered_by;
  std::optional<EphemeralStorage> ephemeral_storage;
  std::optional<bool> enable_fault_injection;

  static constexpr auto fields() {
    using Self = TaskDefinition;
    return std::tuple{json::field("taskDefinitionArn", &Self::arn),
                      json::field("containerDefinitions", &Self::containers),
                      json::field("family", &Self::family),
                      json::field("taskRoleArn", &Self::task_role_arn, kOmit),
                      json::field("executionRoleArn", &Self::execution_role_arn, kOmit),
                      json::field("networkMode", &Self::network_mode, kOmit),
                      json::field("revision", &Self::revision),
                      json::field("volumes", &Self::volumes),
                      json::field("status", &Self::status),
                      json::field("requiresAttributes", &Self::requires_attributes),
                      json::field("placementConstraints", &Self::placement_constraints),
                      json::field("compatibilities", &Self::compatibilities),
                      json::field("runtimePlatform", &Self::runtime_platform, kOmit),
                      json::field("requiresCompatibilities", &Self::requires_compatibilities),
                      json::field("cpu", &Self::cpu, kOmit),
                      json::field("memory", &Self::memory, kOmit),
                      json::field("inferenceAccelerators", &Self::inference_accelerators, kOmit),
                      json::field("pidMode", &Self::pid_mode, kOmit),
                      json::field("ipcMode", &Self::ipc_mode, kOmit),
                      json::field("proxyConfiguration", &Self::proxy_configuration, kOmit),
                      json::field("registeredAt", &Self::registered_at, kOmit),
                      json::field("deregisteredAt", &Self::deregistered_at, kOmit),
                      json::field("deleteRequestedAt", &Self::delete_requested_at, kOmit),
                      json::field("registeredBy", &Self::registered_by, kOmit),
                      json::field("ephemeralStorage", &Self::ephemeral_storage, kOmit),
                      json::field("enableFaultInjection", &Self::enable_fault_injection, kOmit)};
  }
};

}  // namespace sockerless::cloud::ecs
