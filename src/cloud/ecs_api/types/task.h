#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloud/ecs_api/types/cluster.h"
#include "cloud/ecs_api/types/task_definition.h"

// Tasks as DescribeTasks shows them.
namespace sockerless::cloud::ecs {

struct ContainerNetworkInterface {
  std::string attachment_id;
  std::string private_ipv4_address;

  static constexpr auto fields() {
    using Self = ContainerNetworkInterface;
    return std::tuple{json::field("attachmentId", &Self::attachment_id),
                      json::field("privateIpv4Address", &Self::private_ipv4_address)};
  }
};

struct Container {
  std::string arn;
  std::string task_arn;
  std::string name;
  std::string image;
  std::string image_digest;
  std::string runtime_id;
  std::string last_status = "PENDING";  // PENDING, RUNNING, STOPPED
  std::optional<int> exit_code;
  std::string reason;
  std::vector<json::Value> network_bindings;
  std::vector<ContainerNetworkInterface> network_interfaces;
  std::string health_status = "UNKNOWN";
  std::string cpu;
  std::string memory;
  std::string memory_reservation;

  static constexpr auto fields() {
    using Self = Container;
    return std::tuple{json::field("containerArn", &Self::arn),
                      json::field("taskArn", &Self::task_arn),
                      json::field("name", &Self::name),
                      json::field("image", &Self::image),
                      json::field("imageDigest", &Self::image_digest, kOmit),
                      json::field("runtimeId", &Self::runtime_id, kOmit),
                      json::field("lastStatus", &Self::last_status),
                      json::field("exitCode", &Self::exit_code, kOmit),
                      json::field("reason", &Self::reason, kOmit),
                      json::field("networkBindings", &Self::network_bindings),
                      json::field("networkInterfaces", &Self::network_interfaces),
                      json::field("healthStatus", &Self::health_status),
                      json::field("cpu", &Self::cpu),
                      json::field("memory", &Self::memory, kOmit),
                      json::field("memoryReservation", &Self::memory_reservation, kOmit)};
  }
};

struct Attachment {
  std::string id;
  std::string type;
  std::string status;
  std::vector<KeyValue> details;

  static constexpr auto fields() {
    return std::tuple{json::field("id", &Attachment::id), json::field("type", &Attachment::type),
                      json::field("status", &Attachment::status), json::field("details", &Attachment::details)};
  }
};

struct ContainerOverride {
  std::string name;
  std::vector<std::string> command;
  std::vector<KeyValue> environment;
  std::vector<json::Value> environment_files;
  std::optional<int> cpu;
  std::optional<int> memory;
  std::optional<int> memory_reservation;
  std::vector<ResourceRequirement> resource_requirements;

  static constexpr auto fields() {
    using Self = ContainerOverride;
    return std::tuple{json::field("name", &Self::name, kOmit),
                      json::field("command", &Self::command, kOmit),
                      json::field("environment", &Self::environment, kOmit),
                      json::field("environmentFiles", &Self::environment_files, kOmit),
                      json::field("cpu", &Self::cpu, kOmit),
                      json::field("memory", &Self::memory, kOmit),
                      json::field("memoryReservation", &Self::memory_reservation, kOmit),
                      json::field("resourceRequirements", &Self::resource_requirements, kOmit)};
  }
};

struct TaskOverride {
  std::vector<ContainerOverride> containers;
  std::string cpu;
  std::vector<json::Value> inference_accelerators;
  std::string execution_role_arn;
  std::string memory;
  std::string task_role_arn;
  std::optional<EphemeralStorage> ephemeral_storage;

  static constexpr auto fields() {
    using Self = TaskOverride;
    return std::tuple{json::field("containerOverrides", &Self::containers),
                      json::field("cpu", &Self::cpu, kOmit),
                      json::field("inferenceAcceleratorOverrides", &Self::inference_accelerators),
                      json::field("executionRoleArn", &Self::execution_role_arn, kOmit),
                      json::field("memory", &Self::memory, kOmit),
                      json::field("taskRoleArn", &Self::task_role_arn, kOmit),
                      json::field("ephemeralStorage", &Self::ephemeral_storage, kOmit)};
  }
};

struct Task {
  std::vector<Attachment> attachments;
  std::vector<Attribute> attributes;
  std::string availability_zone;
  std::string capacity_provider_name;
  std::string cluster_arn;
  std::string connectivity;
  double connectivity_at = 0;
  std::vector<Container> containers;
  std::string cpu;
  double created_at = 0;
  std::string desired_status = "RUNNING";
  bool enable_execute_command = false;
  EphemeralStorage ephemeral_storage;
  double execution_stopped_at = 0;
  std::string group;
  std::string health_status = "UNKNOWN";
  std::string last_status = "PROVISIONING";
  std::string launch_type;
  std::string memory;
  TaskOverride overrides;
  std::string platform_version = "1.4.0";
  std::string platform_family = "Linux";
  double pull_started_at = 0;
  double pull_stopped_at = 0;
  double started_at = 0;
  std::string started_by;
  std::string stop_code;
  double stopped_at = 0;
  std::string stopped_reason;
  double stopping_at = 0;
  std::vector<Tag> tags;
  std::string arn;
  std::string task_definition_arn;
  long long version = 1;

  static constexpr auto fields() {
    using Self = Task;
    return std::tuple{json::field("attachments", &Self::attachments),
                      json::field("attributes", &Self::attributes),
                      json::field("availabilityZone", &Self::availability_zone),
                      json::field("capacityProviderName", &Self::capacity_provider_name, kOmit),
                      json::field("clusterArn", &Self::cluster_arn),
                      json::field("connectivity", &Self::connectivity, kOmit),
                      json::field("connectivityAt", &Self::connectivity_at, kOmit),
                      json::field("containers", &Self::containers),
                      json::field("cpu", &Self::cpu),
                      json::field("createdAt", &Self::created_at),
                      json::field("desiredStatus", &Self::desired_status),
                      json::field("enableExecuteCommand", &Self::enable_execute_command),
                      json::field("ephemeralStorage", &Self::ephemeral_storage),
                      json::field("fargateEphemeralStorage", &Self::ephemeral_storage),
                      json::field("executionStoppedAt", &Self::execution_stopped_at, kOmit),
                      json::field("group", &Self::group),
                      json::field("healthStatus", &Self::health_status),
                      json::field("lastStatus", &Self::last_status),
                      json::field("launchType", &Self::launch_type, kOmit),
                      json::field("memory", &Self::memory),
                      json::field("overrides", &Self::overrides),
                      json::field("platformVersion", &Self::platform_version),
                      json::field("platformFamily", &Self::platform_family),
                      json::field("pullStartedAt", &Self::pull_started_at, kOmit),
                      json::field("pullStoppedAt", &Self::pull_stopped_at, kOmit),
                      json::field("startedAt", &Self::started_at, kOmit),
                      json::field("startedBy", &Self::started_by, kOmit),
                      json::field("stopCode", &Self::stop_code, kOmit),
                      json::field("stoppedAt", &Self::stopped_at, kOmit),
                      json::field("stoppedReason", &Self::stopped_reason, kOmit),
                      json::field("stoppingAt", &Self::stopping_at, kOmit),
                      json::field("tags", &Self::tags),
                      json::field("taskArn", &Self::arn),
                      json::field("taskDefinitionArn", &Self::task_definition_arn),
                      json::field("version", &Self::version)};
  }
};

}  // namespace sockerless::cloud::ecs
