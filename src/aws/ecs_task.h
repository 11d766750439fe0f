#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "aws/ecs_task_definition.h"
#include "aws/wire.h"

// A task as ECS describes it.
namespace sockerless::aws {

struct AttachmentDetail {
  std::string name;
  std::string value;

  static constexpr auto fields() {
    return std::tuple{member("name", &AttachmentDetail::name), member("value", &AttachmentDetail::value)};
  }
};

struct TaskAttachment {
  std::string id;
  std::string type;
  std::string status;
  std::vector<AttachmentDetail> details;

  static constexpr auto fields() {
    return std::tuple{member("id", &TaskAttachment::id), member("type", &TaskAttachment::type),
                      member("status", &TaskAttachment::status), member("details", &TaskAttachment::details)};
  }
};

struct TaskNetworkInterface {
  std::string attachment_id;
  std::string private_ipv4_address;
  std::string ipv6_address;

  static constexpr auto fields() {
    return std::tuple{member("attachmentId", &TaskNetworkInterface::attachment_id),
                      member("privateIpv4Address", &TaskNetworkInterface::private_ipv4_address),
                      member("ipv6Address", &TaskNetworkInterface::ipv6_address)};
  }
};

struct TaskContainer {
  std::string container_arn;
  std::string task_arn;
  std::string name;
  std::string image;
  std::string image_digest;
  std::string runtime_id;
  std::string last_status;
  std::optional<int> exit_code;  // absent if it never ran or the code is unknown
  std::string reason;
  std::vector<TaskNetworkInterface> network_interfaces;
  std::string health_status;
  std::string cpu;
  std::string memory;

  static constexpr auto fields() {
    return std::tuple{member("containerArn", &TaskContainer::container_arn),
                      member("taskArn", &TaskContainer::task_arn),
                      member("name", &TaskContainer::name),
                      member("image", &TaskContainer::image),
                      member("imageDigest", &TaskContainer::image_digest),
                      member("runtimeId", &TaskContainer::runtime_id),
                      member("lastStatus", &TaskContainer::last_status),
                      member("exitCode", &TaskContainer::exit_code),
                      member("reason", &TaskContainer::reason),
                      member("networkInterfaces", &TaskContainer::network_interfaces),
                      member("healthStatus", &TaskContainer::health_status),
                      member("cpu", &TaskContainer::cpu),
                      member("memory", &TaskContainer::memory)};
  }
};

struct TaskAttribute {
  std::string name;
  std::string value;

  static constexpr auto fields() {
    return std::tuple{member("name", &TaskAttribute::name), member("value", &TaskAttribute::value)};
  }
};

struct Task {
  std::string task_arn;
  std::string task_definition_arn;
  std::string cluster_arn;
  std::string group;
  std::string started_by;
  std::string desired_status;
  std::string last_status;
  std::string launch_type;
  std::string capacity_provider_name;
  std::string platform_version;
  std::string platform_family;
  std::string cpu;
  std::string memory;
  std::string availability_zone;
  std::vector<TaskAttribute> attributes;
  std::string connectivity;
  std::string health_status;
  std::int64_t version = 0;  // grows with every change
  std::vector<TaskAttachment> attachments;
  std::vector<TaskContainer> containers;
  std::string stop_code;
  std::string stopped_reason;
  std::vector<Tag> tags;
  std::optional<EphemeralStorage> ephemeral_storage;
  std::optional<EphemeralStorage> fargate_ephemeral_storage;
  std::optional<bool> enable_execute_command;
  std::optional<double> created_at;  // seconds since the epoch, as are the next; absent until reached
  std::optional<double> connectivity_at;
  std::optional<double> pull_started_at;
  std::optional<double> pull_stopped_at;
  std::optional<double> started_at;
  std::optional<double> stopping_at;
  std::optional<double> execution_stopped_at;
  std::optional<double> stopped_at;

  // nullptr if the task has none of that name.
  const TaskContainer* find_container(std::string_view name) const;
  // Address of its network interface; "" while it has none.
  std::string private_address() const;

  static constexpr auto fields() {
    return std::tuple{member("taskArn", &Task::task_arn),
                      member("taskDefinitionArn", &Task::task_definition_arn),
                      member("clusterArn", &Task::cluster_arn),
                      member("group", &Task::group),
                      member("startedBy", &Task::started_by),
                      member("desiredStatus", &Task::desired_status),
                      member("lastStatus", &Task::last_status),
                      member("launchType", &Task::launch_type),
                      member("capacityProviderName", &Task::capacity_provider_name),
                      member("platformVersion", &Task::platform_version),
                      member("platformFamily", &Task::platform_family),
                      member("cpu", &Task::cpu),
                      member("memory", &Task::memory),
                      member("availabilityZone", &Task::availability_zone),
                      member("attributes", &Task::attributes),
                      member("connectivity", &Task::connectivity),
                      member("healthStatus", &Task::health_status),
                      member("version", &Task::version),
                      member("attachments", &Task::attachments),
                      member("containers", &Task::containers),
                      member("stopCode", &Task::stop_code),
                      member("stoppedReason", &Task::stopped_reason),
                      member("tags", &Task::tags),
                      member("ephemeralStorage", &Task::ephemeral_storage),
                      member("fargateEphemeralStorage", &Task::fargate_ephemeral_storage),
                      member("enableExecuteCommand", &Task::enable_execute_command),
                      member("createdAt", &Task::created_at),
                      member("connectivityAt", &Task::connectivity_at),
                      member("pullStartedAt", &Task::pull_started_at),
                      member("pullStoppedAt", &Task::pull_stopped_at),
                      member("startedAt", &Task::started_at),
                      member("stoppingAt", &Task::stopping_at),
                      member("executionStoppedAt", &Task::execution_stopped_at),
                      member("stoppedAt", &Task::stopped_at)};
  }
};

// What ECS could not do or find, in an answer that is otherwise a success.
struct Failure {
  std::string arn;
  std::string reason;  // MISSING, RESOURCE:CPU, Capacity is unavailable …
  std::string detail;

  static constexpr auto fields() {
    return std::tuple{member("arn", &Failure::arn), member("reason", &Failure::reason),
                      member("detail", &Failure::detail)};
  }
};

}  // namespace sockerless::aws
