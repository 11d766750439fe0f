#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cloud/ecs_api/fargate.h"
#include "cloud/front/api_error.h"

namespace sockerless::cloud::ecs {
namespace {

ApiError unsupported(std::string_view field) {
  return client_exception(fmt::format("Fargate compatible task definitions do not support {}", field));
}

ApiError not_here(std::string_view what) {
  return client_exception(fmt::format("{} is not available in this cloud.", what));
}

void check_name_and_image(const ContainerDefinition& container) {
  if (container.name.empty()) {
    throw client_exception("Container.name should not be null or empty.");
  }
  const bool valid = container.name.size() <= 255 &&
                     std::all_of(container.name.begin(), container.name.end(),
                                 [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
  if (!valid) {
    throw client_exception(
        fmt::format("Invalid container name '{}': letters, numbers, hyphens and underscores only.", container.name));
  }
  if (container.image.empty()) {
    throw client_exception("Container.image should not be null or empty.");
  }
  if (container.image.size() > 255 || container.image.find(' ') != std::string::npos) {
    throw client_exception(fmt::format("Container.image contains invalid characters: {}", container.image));
  }
}

void check_resources(const ContainerDefinition& container, const TaskDefinition& definition) {
  if (container.memory && *container.memory > parse_memory(definition.memory)) {
    throw client_exception(
        fmt::format("The 'memory' setting for container '{}' is greater than for the task", container.name));
  }
  if (container.memory && container.memory_reservation && *container.memory < *container.memory_reservation) {
    throw client_exception("'memory' must be greater than or equal to 'memoryReservation'");
  }
  if (container.memory && *container.memory < 4) {
    throw client_exception(
        fmt::format("Invalid 'memory' setting for container '{}'. The minimum is 4 MiB.", container.name));
  }
  for (const auto& requirement : container.resource_requirements) {
    if (requirement.type == "GPU") {
      throw client_exception("Tasks using the Fargate launch type do not support GPU resource requirements");
    }
    throw not_here("resourceRequirements of type " + requirement.type);
  }
  for (const Ulimit& ulimit : container.ulimits) {
    if (ulimit.soft_limit > ulimit.hard_limit) {
      throw client_exception(fmt::format("Soft limit exceeds hard limit for ulimit {}", ulimit.name));
    }
  }
}

void check_linux_parameters(const LinuxParameters& parameters) {
  if (!parameters.devices.empty()) throw unsupported("devices");
  if (parameters.shared_memory_size) throw unsupported("sharedMemorySize");
  if (!parameters.tmpfs.empty()) throw unsupported("tmpfs");
  if (parameters.max_swap) throw unsupported("maxSwap");
  if (parameters.swappiness) throw unsupported("swappiness");
  if (!parameters.capabilities) return;
  for (const std::string& added : parameters.capabilities->add) {
    if (added == "SYS_PTRACE") continue;
    throw client_exception(fmt::format("{} is not allowed on Fargate.", added));
  }
}

void check_refused_fields(const ContainerDefinition& container) {
  const auto with_awsvpc = [](std::string_view what) {
    return client_exception(fmt::format("{} not supported on container when networkMode=awsvpc.", what));
  };
  if (container.privileged.value_or(false)) {
    throw client_exception("Fargate requires that the ‘privileged’ setting be ‘false’ at the container level.");
  }
  if (!container.hostname.empty()) throw with_awsvpc("hostname is");
  if (!container.dns_servers.empty()) throw with_awsvpc("DNS servers are");
  if (!container.dns_search_domains.empty()) throw with_awsvpc("DNS search domains are");
  if (!container.extra_hosts.empty()) throw with_awsvpc("Extra hosts are");
  if (container.disable_networking.value_or(false)) throw with_awsvpc("Disable Networking is");
  if (!container.links.empty()) {
    throw client_exception("Links are not supported when networkMode=awsvpc.");
  }
  if (!container.docker_security_options.empty()) throw unsupported("dockerSecurityOptions");
  if (!container.credential_specs.empty()) throw unsupported("credentialSpecs");
  if (container.linux_parameters) check_linux_parameters(*container.linux_parameters);
}

void check_ports(const ContainerDefinition& container) {
  for (const PortMapping& port : container.port_mappings) {
    if (!port.container_port_range.empty()) {
      if (port.container_port) {
        throw client_exception("cannot specify both single port and port range");
      }
      continue;  // awsvpc needs no mapping: every port of the task is reachable
    }
    const int number = port.container_port.value_or(0);
    if (number < 1 || number > 65535) {
      throw client_exception("Invalid 'containerPort' setting for container: 1 to 65535 only.");
    }
    if (port.host_port && *port.host_port != 0 && *port.host_port != number) {
      throw client_exception(
          "When networkMode=awsvpc, the host ports and container ports in port mappings must "
          "match.");
    }
    if (!port.protocol.empty() && port.protocol != "tcp" && port.protocol != "udp") {
      throw client_exception("Invalid 'protocol' setting for container: tcp or udp only.");
    }
  }
}

void check_logging(const ContainerDefinition& container, const TaskDefinition& definition) {
  if (!container.log_configuration) return;
  const auto& [driver, options, secret_options] = *container.log_configuration;
  if (driver != "awslogs" && driver != "splunk" && driver != "awsfirelens") {
    throw client_exception(
        fmt::format("{} is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]", driver));
  }
  if (driver != "awslogs" || !secret_options.empty()) throw not_here("log driver " + driver);
  if (definition.execution_role_arn.empty()) {
    throw client_exception(
        "Fargate requires task definition to have execution role ARN to support log driver "
        "awslogs.");
  }
  for (const char* required : {"awslogs-group", "awslogs-region"}) {
    if (options.count(required) == 0) {
      throw client_exception(fmt::format("Log driver awslogs requires options: {}", required));
    }
  }
  if (options.count("awslogs-stream-prefix") == 0) {
    throw client_exception(
        "Fargate requires log configuration options to include awslogs-stream-prefix to support "
        "log driver awslogs.");
  }
  for (const char* multiline : {"awslogs-datetime-format", "awslogs-multiline-pattern"}) {
    if (options.count(multiline) > 0) throw not_here(multiline);
  }
}

void check_range(const ContainerDefinition& container, const std::optional<int>& value, int least, int most,
                 std::string_view what) {
  if (!value) return;
  if (*value > most) {
    throw client_exception(
        fmt::format("{} must be less than or equal to the maximum allowed value {} for container "
                    "'{}'",
                    what, most, container.name));
  }
  if (*value < least) {
    throw client_exception(
        fmt::format("{} must be greater than or equal to the minimum allowed value {} for "
                    "container '{}'",
                    what, least, container.name));
  }
}

void check_times(const ContainerDefinition& container) {
  check_range(container, container.stop_timeout, 2, 120, "Stop timeout");
  check_range(container, container.start_timeout, 2, 120, "Start timeout");
  if (!container.health_check) return;
  const HealthCheck& health = *container.health_check;
  if (health.command.empty()) {
    throw client_exception("Health check command must not be empty");
  }
  const std::string& kind = health.command.front();
  const bool is_known = kind == "NONE" || ((kind == "CMD" || kind == "CMD-SHELL") && health.command.size() > 1);
  if (!is_known) {
    throw client_exception(
        fmt::format("Invalid 'healthCheck' setting for container '{}'. The command must begin with CMD or CMD-SHELL.",
                    container.name));
  }
  check_range(container, health.interval, 5, 300, "Health check interval");
  check_range(container, health.timeout, 2, 60, "Health check timeout");
  check_range(container, health.retries, 1, 10, "Health check retries");
  check_range(container, health.start_period, 0, 300, "Health check start period");
}

void check_mounts(const ContainerDefinition& container) {
  std::set<std::string> paths;
  for (const MountPoint& mount : container.mount_points) {
    if (mount.container_path.empty()) {
      throw client_exception("Mount point container path should not be null or empty.");
    }
    if (!paths.insert(mount.container_path).second) {
      throw client_exception(fmt::format("Duplicate mount point: {}", mount.container_path));
    }
  }
}

void check_secrets(const ContainerDefinition& container, const TaskDefinition& definition) {
  if (!container.secrets.empty() && definition.execution_role_arn.empty()) {
    throw client_exception(
        "When you are specifying container secrets, you must also specify a value for "
        "'executionRoleArn'");
  }
  std::set<std::string> names;
  for (const KeyValue& variable : container.environment) names.insert(variable.name);
  for (const ContainerSecret& secret : container.secrets) {
    if (secret.name.empty() || secret.value_from.empty()) {
      throw client_exception("Container.secrets: name and valueFrom cannot be empty.");
    }
    if (names.insert(secret.name).second) continue;
    throw client_exception(
        fmt::format("The secret name must be unique and not shared with any new or existing "
                    "environment variables set on the container, such as '{}'.",
                    secret.name));
  }
  if (container.image.find(".dkr.ecr.") != std::string::npos && definition.execution_role_arn.empty()) {
    throw client_exception("Fargate requires task definition to have execution role ARN to support ECR images.");
  }
}

}  // namespace

void validate_container(const ContainerDefinition& container, const TaskDefinition& definition) {
  check_name_and_image(container);
  check_resources(container, definition);
  check_refused_fields(container);
  check_ports(container);
  check_logging(container, definition);
  check_times(container);
  check_mounts(container);
  check_secrets(container, definition);
  if (!container.firelens_configuration.is_null()) throw not_here("firelensConfiguration");
  if (!container.restart_policy.is_null()) throw not_here("restartPolicy");
  if (!container.system_controls.empty()) throw not_here("systemControls");
}

}  // namespace sockerless::cloud::ecs
