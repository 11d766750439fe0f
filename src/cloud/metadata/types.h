#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

// What the task metadata endpoint, version 4, answers. Times are RFC 3339.
namespace sockerless::cloud::metadata {

constexpr auto kOmit = json::Emit::omit_empty;

struct ContainerLimits {
  int cpu = 0;     // units
  int memory = 0;  // MiB

  static constexpr auto fields() {
    return std::tuple{json::field("CPU", &ContainerLimits::cpu), json::field("Memory", &ContainerLimits::memory)};
  }
};

struct Port {
  int container_port = 0;
  std::string protocol;
  int host_port = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("ContainerPort", &Port::container_port), json::field("Protocol", &Port::protocol),
                      json::field("HostPort", &Port::host_port)};
  }
};

struct Volume {
  std::string source;
  std::string destination;

  static constexpr auto fields() {
    return std::tuple{json::field("Source", &Volume::source), json::field("Destination", &Volume::destination)};
  }
};

struct Network {
  std::string mode = "awsvpc";
  std::vector<std::string> addresses;
  int attachment_index = 0;
  std::string mac_address;
  std::string subnet;
  std::vector<std::string> name_servers;
  std::string private_dns_name;
  std::string gateway;

  static constexpr auto fields() {
    return std::tuple{json::field("NetworkMode", &Network::mode),
                      json::field("IPv4Addresses", &Network::addresses),
                      json::field("AttachmentIndex", &Network::attachment_index),
                      json::field("MACAddress", &Network::mac_address),
                      json::field("IPv4SubnetCIDRBlock", &Network::subnet),
                      json::field("DomainNameServers", &Network::name_servers, kOmit),
                      json::field("PrivateDNSName", &Network::private_dns_name),
                      json::field("SubnetGatewayIpv4Address", &Network::gateway)};
  }
};

struct Health {
  std::string status;

  static constexpr auto fields() { return std::tuple{json::field("status", &Health::status)}; }
};

struct Container {
  std::string id;
  std::string name;
  std::string docker_name;
  std::string image;
  std::string image_id;
  std::vector<Port> ports;
  std::map<std::string, std::string> labels;
  std::string desired_status;
  std::string known_status;
  std::optional<int> exit_code;
  ContainerLimits limits;
  std::string created_at;
  std::string started_at;
  std::string finished_at;
  std::string type = "NORMAL";
  std::optional<Health> health;  // if the container has a check
  std::vector<Volume> volumes;
  std::string log_driver;
  std::map<std::string, std::string> log_options;
  std::string arn;
  std::vector<Network> networks;
  std::string snapshotter = "overlayfs";

  static constexpr auto fields() {
    using C = Container;
    return std::tuple{json::field("DockerId", &C::id),
                      json::field("Name", &C::name),
                      json::field("DockerName", &C::docker_name),
                      json::field("Image", &C::image),
                      json::field("ImageID", &C::image_id, kOmit),
                      json::field("Ports", &C::ports, kOmit),
                      json::field("Labels", &C::labels),
                      json::field("DesiredStatus", &C::desired_status),
                      json::field("KnownStatus", &C::known_status),
                      json::field("ExitCode", &C::exit_code, kOmit),
                      json::field("Limits", &C::limits),
                      json::field("CreatedAt", &C::created_at, kOmit),
                      json::field("StartedAt", &C::started_at, kOmit),
                      json::field("FinishedAt", &C::finished_at, kOmit),
                      json::field("Type", &C::type),
                      json::field("Health", &C::health, kOmit),
                      json::field("Volumes", &C::volumes, kOmit),
                      json::field("LogDriver", &C::log_driver, kOmit),
                      json::field("LogOptions", &C::log_options, kOmit),
                      json::field("ContainerARN", &C::arn),
                      json::field("Networks", &C::networks, kOmit),
                      json::field("Snapshotter", &C::snapshotter)};
  }
};

struct TaskLimits {
  double cpu = 0;  // processors
  int memory = 0;  // MiB

  static constexpr auto fields() {
    return std::tuple{json::field("CPU", &TaskLimits::cpu), json::field("Memory", &TaskLimits::memory)};
  }
};

struct ClockDrift {
  double error_bound_ms = 0;
  std::string reference;
  std::string status = "SYNCHRONIZED";

  static constexpr auto fields() {
    return std::tuple{json::field("ClockErrorBound", &ClockDrift::error_bound_ms),
                      json::field("ReferenceTimestamp", &ClockDrift::reference),
                      json::field("ClockSynchronizationStatus", &ClockDrift::status)};
  }
};

struct StorageMetrics {
  std::int64_t utilized = 0;  // MiB
  std::int64_t reserved = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("Utilized", &StorageMetrics::utilized),
                      json::field("Reserved", &StorageMetrics::reserved)};
  }
};

struct Task {
  std::string cluster;
  std::string arn;
  std::string family;
  std::string revision;
  std::string desired_status;
  std::string known_status;
  TaskLimits limits;
  std::string pull_started_at;
  std::string pull_stopped_at;
  std::string execution_stopped_at;
  std::string availability_zone;
  std::string launch_type = "FARGATE";
  std::vector<Container> containers;
  ClockDrift clock_drift;
  StorageMetrics storage;
  std::string vpc_id = "vpc-local";
  bool fault_injection_enabled = false;
  std::map<std::string, std::string> tags;  // with /taskWithTags only

  static constexpr auto fields() {
    return std::tuple{json::field("Cluster", &Task::cluster),
                      json::field("TaskARN", &Task::arn),
                      json::field("Family", &Task::family),
                      json::field("Revision", &Task::revision),
                      json::field("DesiredStatus", &Task::desired_status),
                      json::field("KnownStatus", &Task::known_status),
                      json::field("Limits", &Task::limits),
                      json::field("PullStartedAt", &Task::pull_started_at, kOmit),
                      json::field("PullStoppedAt", &Task::pull_stopped_at, kOmit),
                      json::field("ExecutionStoppedAt", &Task::execution_stopped_at, kOmit),
                      json::field("AvailabilityZone", &Task::availability_zone),
                      json::field("LaunchType", &Task::launch_type),
                      json::field("Containers", &Task::containers),
                      json::field("ClockDrift", &Task::clock_drift),
                      json::field("EphemeralStorageMetrics", &Task::storage),
                      json::field("VPCID", &Task::vpc_id),
                      json::field("FaultInjectionEnabled", &Task::fault_injection_enabled),
                      json::field("TaskTags", &Task::tags, kOmit)};
  }
};

}  // namespace sockerless::cloud::metadata
