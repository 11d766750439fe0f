#include "ecs/task_definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "core/agent_port.h"
#include "core/signal.h"
#include "ecs/host_config_policy.h"
#include "ecs/sizes.h"
#include "ecs/tags.h"
#include "ecs/task_options.h"
#include "ecs/volumes.h"

namespace sockerless::ecs {
namespace {

constexpr std::string_view kAgentFolder = "/sockerless/bin";
constexpr std::string_view kAgentVolume = "sockerless-agent";
constexpr int kShortestStop = 2;  // seconds, Fargate's bounds of stopTimeout
constexpr int kLongestStop = 120;

std::string text(std::string_view view) { return std::string(view); }

std::vector<std::string> agent_command(const FargateSettings& settings) {
  std::vector<std::string> words{fmt::format("{}/sockerless-agent", kAgentFolder)};
  if (settings.callback_url.empty()) {
    words.insert(words.end(), {"--addr", fmt::format(":{}", core::kAgentPort)});
  } else {
    words.insert(words.end(), {"--callback", settings.callback_url});
  }
  words.emplace_back("--");
  return words;
}

std::vector<aws::KeyValuePair> environment(const core::Container& container, const FargateSettings& settings) {
  std::vector<aws::KeyValuePair> pairs;
  for (const std::string& variable : container.config.env) {
    const auto equals = std::min(variable.find('='), variable.size());
    pairs.push_back({variable.substr(0, equals), variable.substr(std::min(equals + 1, variable.size()))});
  }
  // Docker's variable; the host's own name is Fargate's.
  const bool has_host_name =
      std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) { return pair.name == "HOSTNAME"; });
  if (!has_host_name) pairs.push_back({"HOSTNAME", container.config.hostname});
  pairs.push_back({"SOCKERLESS_CONTAINER_ID", container.id});
  pairs.push_back({"SOCKERLESS_AGENT_TOKEN", container.agent_token});
  if (!settings.callback_url.empty()) {
    pairs.push_back({"SOCKERLESS_AGENT_CALLBACK_URL", settings.callback_url});
  }
  if (settings.agent_is_root && !container.config.user.empty()) {
    pairs.push_back({"SOCKERLESS_AGENT_COMMAND_USER", container.config.user});
  }
  if (settings.agent_lease_seconds > 0) {
    pairs.push_back({"SOCKERLESS_AGENT_LEASE", std::to_string(settings.agent_lease_seconds)});
  }
  if (container.config.tty) pairs.push_back({"SOCKERLESS_AGENT_TTY", "1"});
  if (container.config.open_stdin) {
    pairs.push_back({"SOCKERLESS_AGENT_STDIN", container.config.stdin_once ? "once" : "1"});
  }
  if (!container.config.stop_signal.empty()) {
    pairs.push_back({"SOCKERLESS_AGENT_STOP_SIGNAL", std::to_string(core::parse_signal(container.config.stop_signal))});
  }
  return pairs;
}

aws::PortMapping mapping_of(const std::string& port) {
  const auto slash = std::min(port.find('/'), port.size());
  int number = 0;
  std::from_chars(port.data(), port.data() + slash, number);
  const std::string protocol = slash < port.size() ? port.substr(slash + 1) : "tcp";
  if (number == core::kAgentPort && protocol == "tcp") {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("port {}/tcp belongs to the agent in the task; use another port", core::kAgentPort));
  }
  return {number, number, protocol};
}

std::vector<aws::PortMapping> port_mappings(const core::Container& container) {
  std::vector<std::string> ports;
  for (const auto& [port, nothing] : container.config.exposed_ports) ports.push_back(port);
  for (const auto& [port, bindings] : container.host_config.port_bindings) ports.push_back(port);
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  std::vector<aws::PortMapping> mappings;
  for (const std::string& port : ports) mappings.push_back(mapping_of(port));
  mappings.push_back({core::kAgentPort, core::kAgentPort, "tcp"});
  return mappings;
}

aws::LogConfiguration log_configuration(const core::Container& container, const FargateSettings& settings) {
  return {"awslogs",
          {{"awslogs-group", settings.log_group},
           {"awslogs-region", settings.region},
           {"awslogs-stream-prefix", container.short_id()},
           {"mode", settings.log_mode}}};
}

std::optional<int> stop_timeout(const core::Container& container, std::vector<std::string>& warnings) {
  if (!container.config.stop_timeout) return std::nullopt;
  const auto wanted = *container.config.stop_timeout;
  const auto given = std::clamp<std::int64_t>(wanted, kShortestStop, kLongestStop);
  if (given != wanted) {
    warnings.push_back(fmt::format("StopTimeout: {} s is outside Fargate's {} to {} s; {} s is used", wanted,
                                   kShortestStop, kLongestStop, given));
  }
  return static_cast<int>(given);
}

// SYS_PTRACE is the only capability that Fargate adds.
std::optional<aws::LinuxParameters> linux_parameters(const core::HostConfig& host_config) {
  aws::LinuxParameters parameters;
  if (host_config.init.value_or(false)) parameters.init_process_enabled = true;
  aws::KernelCapabilities capabilities;
  for (std::string name : host_config.cap_drop) {
    capabilities.drop.push_back(name.starts_with("CAP_") ? name.substr(4) : name);
  }
  for (const std::string& name : host_config.cap_add) {
    if (name == "SYS_PTRACE" || name == "CAP_SYS_PTRACE") capabilities.add.push_back("SYS_PTRACE");
  }
  if (!capabilities.drop.empty() || !capabilities.add.empty()) {
    parameters.capabilities = std::move(capabilities);
  }
  if (!parameters.init_process_enabled && !parameters.capabilities) return std::nullopt;
  return parameters;
}

aws::ContainerDefinition main_container(const core::Container& container, const FargateSettings& settings,
                                        TaskDefinitionPlan& plan) {
  aws::ContainerDefinition definition;
  definition.name = kMainContainer;
  definition.image = container.image_source.empty() ? container.config.image : container.image_source;
  definition.essential = true;
  definition.entry_point = agent_command(settings);
  definition.command = {container.path};
  definition.command.insert(definition.command.end(), container.args.begin(), container.args.end());
  definition.environment = environment(container, settings);
  definition.working_directory = container.config.working_dir;
  definition.user = settings.agent_is_root ? "0" : container.config.user;
  definition.port_mappings = port_mappings(container);
  definition.log_configuration = log_configuration(container, settings);
  definition.stop_timeout = stop_timeout(container, plan.warnings);
  definition.linux_parameters = linux_parameters(container.host_config);
  definition.docker_labels = container.config.labels;
  if (container.host_config.readonly_rootfs) definition.readonly_root_filesystem = true;
  for (const core::Ulimit& limit : container.host_config.ulimits) {
    definition.ulimits.push_back({limit.name, limit.soft, limit.hard});
  }
  TaskVolumes volumes = task_volumes(container);
  definition.mount_points = std::move(volumes.mount_points);
  plan.request.volumes = std::move(volumes.volumes);
  return definition;
}

// Brings the agent's binary into the task: from a file system, or by a container that installs it.
void add_agent(const core::Container& container, const FargateSettings& settings, TaskDefinitionPlan& plan) {
  auto& main = plan.request.container_definitions.front();
  const aws::MountPoint mount{text(kAgentVolume), text(kAgentFolder), true};
  if (!settings.agent_efs_id.empty()) {
    aws::Volume volume{.name = text(kAgentVolume)};
    volume.efs_volume_configuration =
        aws::EfsVolumeConfiguration{.file_system_id = settings.agent_efs_id,
                                    .root_directory = container.architecture == "arm64" ? "/arm64" : "/amd64",
                                    .transit_encryption = "ENABLED"};
    plan.request.volumes.push_back(std::move(volume));
    main.mount_points.push_back(mount);
  } else if (!settings.agent_image.empty()) {
    plan.request.volumes.push_back({.name = text(kAgentVolume), .host = aws::HostVolume{}});
    main.mount_points.push_back(mount);
    main.depends_on.push_back({text(kAgentInstaller), "SUCCESS"});
    aws::ContainerDefinition installer;
    installer.name = kAgentInstaller;
    installer.image = settings.agent_image;
    installer.essential = false;
    installer.command = {"--install", text(kAgentFolder)};
    installer.mount_points = {{text(kAgentVolume), text(kAgentFolder), false}};
    installer.log_configuration = main.log_configuration;
    plan.request.container_definitions.push_back(std::move(installer));
  }
}

void choose_size(const TaskOptions& options, TaskDefinitionPlan& plan) {
  const TaskSize size = fitting_size(options.nano_cpus, options.memory);
  plan.request.cpu = std::to_string(size.cpu_units);
  plan.request.memory = std::to_string(size.memory_mib);
  const bool other_cpu =
      options.nano_cpus != 0 && options.nano_cpus * 1024 != size.cpu_units * std::int64_t{1'000'000'000};
  const bool other_memory = options.memory != 0 && options.memory != size.memory_mib * std::int64_t{1024 * 1024};
  if (other_cpu || other_memory) {
    plan.warnings.push_back(fmt::format("the task has {} CPU and {} MiB of memory, the next size that Fargate has",
                                        size.cpu_units / 1024.0, size.memory_mib));
  }
}

std::vector<aws::Tag> tags_of(const core::Container& container, const FargateSettings& settings) {
  return {{text(kManagedTag), "true"},
          {text(kInstanceTag), settings.instance},
          {text(kContainerIdTag), container.id},
          {text(kContainerNameTag), container.name}};
}

}  // namespace

TaskDefinitionPlan plan_task_definition(const core::Container& container, const FargateSettings& settings) {
  const TaskOptions options = task_options(container, settings);
  TaskDefinitionPlan plan;
  plan.warnings = check_host_config(container.host_config);
  // Fargate refuses a host name in awsvpc mode.
  if (container.config.hostname != container.short_id()) {
    plan.warnings.push_back("Hostname: Fargate gives the task a host name of its own");
  }
  plan.request.family = family_of(container.id);
  plan.request.network_mode = "awsvpc";
  plan.request.requires_compatibilities = {"FARGATE"};
  plan.request.execution_role_arn = settings.execution_role_arn;
  plan.request.task_role_arn = options.task_role_arn;
  if (options.ephemeral_storage_gib > 0) {
    plan.request.ephemeral_storage = aws::EphemeralStorage{options.ephemeral_storage_gib};
  }
  plan.request.runtime_platform = aws::RuntimePlatform{container.architecture == "arm64" ? "ARM64" : "X86_64", "LINUX"};
  plan.request.container_definitions.push_back(main_container(container, settings, plan));
  if (!options.registry_secret.empty()) {
    plan.request.container_definitions.front().repository_credentials =
        aws::RepositoryCredentials{options.registry_secret};
  }
  add_agent(container, settings, plan);
  choose_size(options, plan);
  plan.request.tags = tags_of(container, settings);
  return plan;
}

aws::RunTaskRequest plan_run_task(const core::Container& container, const core::Launch& launch,
                                  const FargateSettings& settings, Capacity capacity) {
  const TaskOptions options = task_options(container, settings);
  aws::RunTaskRequest request;
  request.cluster = settings.cluster;
  request.task_definition = container.definition;
  request.count = 1;
  if (capacity == Capacity::on_demand) {
    request.launch_type = "FARGATE";
  } else {
    request.capacity_provider_strategy = {{.capacity_provider = "FARGATE_SPOT", .weight = 1}};
  }
  request.client_token = launch.client_token;
  // Another request than the one for Spot that came before: the same token would be a conflict.
  if (capacity == Capacity::on_demand && options.capacity == Capacity::spot_fallback) request.client_token += "-od";
  request.started_by = launch.id;
  request.tags = tags_of(container, settings);
  request.network_configuration = aws::NetworkConfiguration{
      aws::AwsvpcConfiguration{options.subnets, settings.security_groups, options.public_ip ? "ENABLED" : "DISABLED"}};
  aws::ContainerOverride main{.name = text(kMainContainer)};
  // The definition may be older than the daemon's address.
  main.environment = {
      {"SOCKERLESS_LAUNCH_ID", launch.id},
      {"SOCKERLESS_LAUNCH_CALLBACK_URL", settings.callback_url.empty() ? "none" : settings.callback_url}};
  if (launch.held) main.environment.push_back({"SOCKERLESS_AGENT_WAIT", "1"});
  request.overrides = aws::TaskOverride{{std::move(main)}};
  return request;
}

std::string log_stream_of(const std::string& container_id, const std::string& task_arn) {
  return fmt::format("{}/{}/{}", container_id.substr(0, 12), kMainContainer, task_arn.substr(task_arn.rfind('/') + 1));
}

}  // namespace sockerless::ecs
