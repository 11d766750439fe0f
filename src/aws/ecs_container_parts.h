#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aws/wire.h"

// The parts of a container definition.
namespace sockerless::aws {

struct KeyValuePair {
  std::string name;
  std::string value;

  static constexpr auto fields() {
    return std::tuple{json::field("name", &KeyValuePair::name), json::field("value", &KeyValuePair::value)};
  }
};

struct Tag {
  std::string key;
  std::string value;

  static constexpr auto fields() {
    return std::tuple{json::field("key", &Tag::key), json::field("value", &Tag::value)};
  }
};

struct PortMapping {
  std::optional<int> container_port;
  std::optional<int> host_port;
  std::string protocol;  // tcp or udp

  static constexpr auto fields() {
    return std::tuple{member("containerPort", &PortMapping::container_port),
                      member("hostPort", &PortMapping::host_port), member("protocol", &PortMapping::protocol)};
  }
};

struct MountPoint {
  std::string source_volume;
  std::string container_path;
  std::optional<bool> read_only;

  static constexpr auto fields() {
    return std::tuple{member("sourceVolume", &MountPoint::source_volume),
                      member("containerPath", &MountPoint::container_path), member("readOnly", &MountPoint::read_only)};
  }
};

struct LogConfiguration {
  std::string log_driver;
  std::map<std::string, std::string> options;

  static constexpr auto fields() {
    return std::tuple{member("logDriver", &LogConfiguration::log_driver),
                      member("options", &LogConfiguration::options)};
  }
};

struct Ulimit {
  std::string name;
  std::int64_t soft_limit = 0;
  std::int64_t hard_limit = 0;

  static constexpr auto fields() {
    return std::tuple{member("name", &Ulimit::name), json::field("softLimit", &Ulimit::soft_limit),
                      json::field("hardLimit", &Ulimit::hard_limit)};
  }
};

struct ContainerDependency {
  std::string container_name;
  std::string condition;  // START, COMPLETE, SUCCESS or HEALTHY

  static constexpr auto fields() {
    return std::tuple{member("containerName", &ContainerDependency::container_name),
                      member("condition", &ContainerDependency::condition)};
  }
};

struct KernelCapabilities {
  std::vector<std::string> add;
  std::vector<std::string> drop;

  static constexpr auto fields() {
    return std::tuple{member("add", &KernelCapabilities::add), member("drop", &KernelCapabilities::drop)};
  }
};

struct LinuxParameters {
  std::optional<bool> init_process_enabled;
  std::optional<KernelCapabilities> capabilities;

  static constexpr auto fields() {
    return std::tuple{member("initProcessEnabled", &LinuxParameters::init_process_enabled),
                      member("capabilities", &LinuxParameters::capabilities)};
  }
};

struct RepositoryCredentials {
  std::string credentials_parameter;

  static constexpr auto fields() {
    return std::tuple{member("credentialsParameter", &RepositoryCredentials::credentials_parameter)};
  }
};

struct ContainerSecret {
  std::string name;
  std::string value_from;

  static constexpr auto fields() {
    return std::tuple{member("name", &ContainerSecret::name), member("valueFrom", &ContainerSecret::value_from)};
  }
};

struct SystemControl {
  std::string name_space;
  std::string value;

  static constexpr auto fields() {
    return std::tuple{member("namespace", &SystemControl::name_space), member("value", &SystemControl::value)};
  }
};

struct ContainerHealthCheck {
  std::vector<std::string> command;
  std::optional<int> interval;  // seconds, as are the next
  std::optional<int> timeout;
  std::optional<int> retries;
  std::optional<int> start_period;

  static constexpr auto fields() {
    return std::tuple{
        member("command", &ContainerHealthCheck::command), member("interval", &ContainerHealthCheck::interval),
        member("timeout", &ContainerHealthCheck::timeout), member("retries", &ContainerHealthCheck::retries),
        member("startPeriod", &ContainerHealthCheck::start_period)};
  }
};

}  // namespace sockerless::aws
