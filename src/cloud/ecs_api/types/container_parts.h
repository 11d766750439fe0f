#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

// What a container definition is made of, as it travels. Members that the cloud only hands back
// stay documents.
namespace sockerless::cloud::ecs {

constexpr auto kOmit = json::Emit::omit_empty;

struct Tag {
  std::string key;
  std::string value;

  static constexpr auto fields() {
    return std::tuple{json::field("key", &Tag::key), json::field("value", &Tag::value)};
  }
};

struct KeyValue {
  std::string name;
  std::string value;

  static constexpr auto fields() {
    return std::tuple{json::field("name", &KeyValue::name), json::field("value", &KeyValue::value)};
  }
};

struct PortMapping {
  std::optional<int> container_port;
  std::optional<int> host_port;
  std::string protocol;
  std::string name;
  std::string app_protocol;
  std::string container_port_range;

  static constexpr auto fields() {
    return std::tuple{json::field("containerPort", &PortMapping::container_port, kOmit),
                      json::field("hostPort", &PortMapping::host_port, kOmit),
                      json::field("protocol", &PortMapping::protocol, kOmit),
                      json::field("name", &PortMapping::name, kOmit),
                      json::field("appProtocol", &PortMapping::app_protocol, kOmit),
                      json::field("containerPortRange", &PortMapping::container_port_range, kOmit)};
  }
};

struct MountPoint {
  std::string source_volume;
  std::string container_path;
  std::optional<bool> read_only;

  static constexpr auto fields() {
    return std::tuple{json::field("sourceVolume", &MountPoint::source_volume, kOmit),
                      json::field("containerPath", &MountPoint::container_path, kOmit),
                      json::field("readOnly", &MountPoint::read_only, kOmit)};
  }
};

struct VolumeFrom {
  std::string source_container;
  std::optional<bool> read_only;

  static constexpr auto fields() {
    return std::tuple{json::field("sourceContainer", &VolumeFrom::source_container, kOmit),
                      json::field("readOnly", &VolumeFrom::read_only, kOmit)};
  }
};

struct Capabilities {
  std::vector<std::string> add;
  std::vector<std::string> drop;

  static constexpr auto fields() {
    return std::tuple{json::field("add", &Capabilities::add, kOmit), json::field("drop", &Capabilities::drop, kOmit)};
  }
};

struct LinuxParameters {
  std::optional<Capabilities> capabilities;
  std::vector<json::Value> devices;
  std::optional<bool> init_process_enabled;
  std::optional<int> shared_memory_size;
  std::vector<json::Value> tmpfs;
  std::optional<int> max_swap;
  std::optional<int> swappiness;

  static constexpr auto fields() {
    return std::tuple{json::field("capabilities", &LinuxParameters::capabilities, kOmit),
                      json::field("devices", &LinuxParameters::devices, kOmit),
                      json::field("initProcessEnabled", &LinuxParameters::init_process_enabled, kOmit),
                      json::field("sharedMemorySize", &LinuxParameters::shared_memory_size, kOmit),
                      json::field("tmpfs", &LinuxParameters::tmpfs, kOmit),
                      json::field("maxSwap", &LinuxParameters::max_swap, kOmit),
                      json::field("swappiness", &LinuxParameters::swappiness, kOmit)};
  }
};

struct ContainerSecret {
  std::string name;
  std::string value_from;

  static constexpr auto fields() {
    return std::tuple{json::field("name", &ContainerSecret::name),
                      json::field("valueFrom", &ContainerSecret::value_from)};
  }
};

struct ContainerDependency {
  std::string container_name;
  std::string condition;  // START, COMPLETE, SUCCESS, HEALTHY

  static constexpr auto fields() {
    return std::tuple{json::field("containerName", &ContainerDependency::container_name),
                      json::field("condition", &ContainerDependency::condition)};
  }
};

struct Ulimit {
  std::string name;
  std::int64_t soft_limit = 0;
  std::int64_t hard_limit = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("name", &Ulimit::name), json::field("softLimit", &Ulimit::soft_limit),
                      json::field("hardLimit", &Ulimit::hard_limit)};
  }
};

struct LogConfiguration {
  std::string log_driver;
  std::map<std::string, std::string> options;
  std::vector<json::Value> secret_options;

  static constexpr auto fields() {
    return std::tuple{json::field("logDriver", &LogConfiguration::log_driver),
                      json::field("options", &LogConfiguration::options, kOmit),
                      json::field("secretOptions", &LogConfiguration::secret_options, kOmit)};
  }
};

struct HealthCheck {
  std::vector<std::string> command;
  std::optional<int> interval;
  std::optional<int> timeout;
  std::optional<int> retries;
  std::optional<int> start_period;

  static constexpr auto fields() {
    return std::tuple{
        json::field("command", &HealthCheck::command), json::field("interval", &HealthCheck::interval, kOmit),
        json::field("timeout", &HealthCheck::timeout, kOmit), json::field("retries", &HealthCheck::retries, kOmit),
        json::field("startPeriod", &HealthCheck::start_period, kOmit)};
  }
};

struct ResourceRequirement {
  std::string value;
  std::string type;

  static constexpr auto fields() {
    return std::tuple{json::field("value", &ResourceRequirement::value),
                      json::field("type", &ResourceRequirement::type)};
  }
};

}  // namespace sockerless::cloud::ecs
