#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aws/ecs_container_parts.h"
#include "aws/wire.h"

// One container of a task definition, as far as Fargate knows it.
namespace sockerless::aws {

struct ContainerDefinition {
  std::string name;
  std::string image;
  std::optional<RepositoryCredentials> repository_credentials;
  std::optional<int> cpu;
  std::optional<int> memory;
  std::optional<int> memory_reservation;
  std::vector<PortMapping> port_mappings;
  std::optional<bool> essential;
  std::vector<std::string> entry_point;
  std::vector<std::string> command;
  std::vector<KeyValuePair> environment;
  std::vector<MountPoint> mount_points;
  std::optional<LinuxParameters> linux_parameters;
  std::vector<ContainerSecret> secrets;
  std::vector<ContainerDependency> depends_on;
  std::optional<int> start_timeout;
  std::optional<int> stop_timeout;
  std::string user;
  std::string working_directory;
  std::optional<bool> readonly_root_filesystem;
  std::optional<bool> interactive;
  std::optional<bool> pseudo_terminal;
  std::map<std::string, std::string> docker_labels;
  std::vector<Ulimit> ulimits;
  std::optional<LogConfiguration> log_configuration;
  std::optional<ContainerHealthCheck> health_check;
  std::vector<SystemControl> system_controls;

  static constexpr auto fields() {
    return std::tuple{member("name", &ContainerDefinition::name),
                      member("image", &ContainerDefinition::image),
                      member("repositoryCredentials", &ContainerDefinition::repository_credentials),
                      member("cpu", &ContainerDefinition::cpu),
                      member("memory", &ContainerDefinition::memory),
                      member("memoryReservation", &ContainerDefinition::memory_reservation),
                      member("portMappings", &ContainerDefinition::port_mappings),
                      member("essential", &ContainerDefinition::essential),
                      member("entryPoint", &ContainerDefinition::entry_point),
                      member("command", &ContainerDefinition::command),
                      member("environment", &ContainerDefinition::environment),
                      member("mountPoints", &ContainerDefinition::mount_points),
                      member("linuxParameters", &ContainerDefinition::linux_parameters),
                      member("secrets", &ContainerDefinition::secrets),
                      member("dependsOn", &ContainerDefinition::depends_on),
                      member("startTimeout", &ContainerDefinition::start_timeout),
                      member("stopTimeout", &ContainerDefinition::stop_timeout),
                      member("user", &ContainerDefinition::user),
                      member("workingDirectory", &ContainerDefinition::working_directory),
                      member("readonlyRootFilesystem", &ContainerDefinition::readonly_root_filesystem),
                      member("interactive", &ContainerDefinition::interactive),
                      member("pseudoTerminal", &ContainerDefinition::pseudo_terminal),
                      member("dockerLabels", &ContainerDefinition::docker_labels),
                      member("ulimits", &ContainerDefinition::ulimits),
                      member("logConfiguration", &ContainerDefinition::log_configuration),
                      member("healthCheck", &ContainerDefinition::health_check),
                      member("systemControls", &ContainerDefinition::system_controls)};
  }
};

}  // namespace sockerless::aws
