#pragma once

#include "cloud/ecs_api/types/container_parts.h"

namespace sockerless::cloud::ecs {

struct ContainerDefinition {
  std::string name;
  std::string image;
  json::Value repository_credentials;
  int cpu = 0;
  std::optional<int> memory;
  std::optional<int> memory_reservation;
  std::vector<std::string> links;
  std::vector<PortMapping> port_mappings;
  std::optional<bool> essential;
  json::Value restart_policy;
  std::vector<std::string> entry_point;
  std::vector<std::string> command;
  std::vector<KeyValue> environment;
  std::vector<json::Value> environment_files;
  std::vector<MountPoint> mount_points;
  std::vector<VolumeFrom> volumes_from;
  std::optional<LinuxParameters> linux_parameters;
  std::vector<ContainerSecret> secrets;
  std::vector<ContainerDependency> depends_on;
  std::optional<int> start_timeout;
  std::optional<int> stop_timeout;
  std::string version_consistency;
  std::string hostname;
  std::string user;
  std::string working_directory;
  std::optional<bool> disable_networking;
  std::optional<bool> privileged;
  std::optional<bool> readonly_root_filesystem;
  std::vector<std::string> dns_servers;
  std::vector<std::string> dns_search_domains;
  std::vector<json::Value> extra_hosts;
  std::vector<std::string> docker_security_options;
  std::optional<bool> interactive;
  std::optional<bool> pseudo_terminal;
  std::map<std::string, std::string> docker_labels;
  std::vector<Ulimit> ulimits;
  std::optional<LogConfiguration> log_configuration;
  std::optional<HealthCheck> health_check;
  std::vector<json::Value> system_controls;
  std::vector<ResourceRequirement> resource_requirements;
  json::Value firelens_configuration;
  std::vector<std::string> credential_specs;

  bool is_essential() const { return essential.value_or(true); }

  static constexpr auto fields() {
    using Self = ContainerDefinition;
    return std::tuple{json::field("name", &Self::name),
                      json::field("image", &Self::image),
                      json::field("repositoryCredentials", &Self::repository_credentials, kOmit),
                      json::field("cpu", &Self::cpu),
                      json::field("memory", &Self::memory, kOmit),
                      json::field("memoryReservation", &Self::memory_reservation, kOmit),
                      json::field("links", &Self::links, kOmit),
                      json::field("portMappings", &Self::port_mappings),
                      json::field("essential", &Self::essential, kOmit),
                      json::field("restartPolicy", &Self::restart_policy, kOmit),
                      json::field("entryPoint", &Self::entry_point, kOmit),
                      json::field("command", &Self::command, kOmit),
                      json::field("environment", &Self::environment),
                      json::field("environmentFiles", &Self::environment_files, kOmit),
                      json::field("mountPoints", &Self::mount_points),
                      json::field("volumesFrom", &Self::volumes_from),
                      json::field("linuxParameters", &Self::linux_parameters, kOmit),
                      json::field("secrets", &Self::secrets, kOmit),
                      json::field("dependsOn", &Self::depends_on, kOmit),
                      json::field("startTimeout", &Self::start_timeout, kOmit),
                      json::field("stopTimeout", &Self::stop_timeout, kOmit),
                      json::field("versionConsistency", &Self::version_consistency, kOmit),
                      json::field("hostname", &Self::hostname, kOmit),
                      json::field("user", &Self::user, kOmit),
                      json::field("workingDirectory", &Self::working_directory, kOmit),
                      json::field("disableNetworking", &Self::disable_networking, kOmit),
                      json::field("privileged", &Self::privileged, kOmit),
                      json::field("readonlyRootFilesystem", &Self::readonly_root_filesystem, kOmit),
                      json::field("dnsServers", &Self::dns_servers, kOmit),
                      json::field("dnsSearchDomains", &Self::dns_search_domains, kOmit),
                      json::field("extraHosts", &Self::extra_hosts, kOmit),
                      json::field("dockerSecurityOptions", &Self::docker_security_options, kOmit),
                      json::field("interactive", &Self::interactive, kOmit),
                      json::field("pseudoTerminal", &Self::pseudo_terminal, kOmit),
                      json::field("dockerLabels", &Self::docker_labels, kOmit),
                      json::field("ulimits", &Self::ulimits, kOmit),
                      json::field("logConfiguration", &Self::log_configuration, kOmit),
                      json::field("healthCheck", &Self::health_check, kOmit),
                      json::field("systemControls", &Self::system_controls),
                      json::field("resourceRequirements", &Self::resource_requirements, kOmit),
                      json::field("firelensConfiguration", &Self::firelens_configuration, kOmit),
                      json::field("credentialSpecs", &Self::credential_specs, kOmit)};
  }
};

}  // namespace sockerless::cloud::ecs
