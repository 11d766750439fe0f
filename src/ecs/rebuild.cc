#include "ecs/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/id.h"
#include "base/sha256.h"
#include "base/time.h"
#include "core/agent_port.h"
#include "core/image_reference.h"
#include "ecs/settings.h"
#include "ecs/tags.h"

namespace sockerless::ecs {
namespace {

constexpr std::string_view kOwnVariables = "SOCKERLESS_";

const aws::ContainerDefinition* main_of(const aws::TaskDefinition& definition) {
  for (const aws::ContainerDefinition& container : definition.container_definitions) {
    if (container.name == kMainContainer) return &container;
  }
  return nullptr;
}

std::string variable(const aws::ContainerDefinition& main, std::string_view name) {
  for (const aws::KeyValuePair& pair : main.environment) {
    if (pair.name == name) return pair.value;
  }
  return "";
}

std::int64_t nanoseconds(const std::optional<double>& seconds) {
  return seconds ? from_epoch_seconds(*seconds).time_since_epoch().count() : 0;
}

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The id that a pull of the image gives it.
std::string image_id_of(const std::string& image) {
  const auto reference = core::ImageReference::parse(image).with_default_tag();
  return "sha256:" + sha256_hex(reference.canonical());
}

core::ContainerConfig config_of(const aws::ContainerDefinition& main, const std::string& short_id) {
  core::ContainerConfig config;
  config.image = main.image;
  config.hostname = short_id;
  config.user = variable(main, "SOCKERLESS_AGENT_COMMAND_USER");
  if (config.user.empty()) config.user = main.user;
  config.working_dir = main.working_directory;
  config.labels = main.docker_labels;
  config.cmd = core::Words(main.command);
  config.tty = variable(main, "SOCKERLESS_AGENT_TTY") == "1";
  const std::string input = variable(main, "SOCKERLESS_AGENT_STDIN");
  config.open_stdin = !input.empty();
  config.stdin_once = input == "once";
  config.stop_signal = variable(main, "SOCKERLESS_AGENT_STOP_SIGNAL");
  if (main.stop_timeout) config.stop_timeout = *main.stop_timeout;
  for (const aws::KeyValuePair& pair : main.environment) {
    const bool is_ours = pair.name.starts_with(kOwnVariables) || (pair.name == "HOSTNAME" && pair.value == short_id);
    if (!is_ours) config.env.push_back(pair.name + "=" + pair.value);
  }
  for (const aws::PortMapping& mapping : main.port_mappings) {
    if (mapping.container_port == core::kAgentPort) continue;
    config.exposed_ports[fmt::format("{}/{}", mapping.container_port.value_or(0), mapping.protocol)] = {};
  }
  return config;
}

core::HostConfig host_config_of(const aws::ContainerDefinition& main, const aws::TaskDefinition& definition) {
  core::HostConfig host_config;
  host_config.network_mode = "default";
  host_config.log_config.type = "json-file";
  host_config.restart_policy.name = "no";
  host_config.nano_cpus = number(definition.cpu) * 1'000'000'000 / 1024;
  host_config.memory = number(definition.memory) * 1024 * 1024;
  host_config.readonly_rootfs = main.readonly_root_filesystem.value_or(false);
  for (const aws::Ulimit& limit : main.ulimits) {
    host_config.ulimits.push_back({limit.name, limit.soft_limit, limit.hard_limit});
  }
  return host_config;
}

}  // namespace

std::optional<core::Container> rebuild_container(const aws::Task& task, const aws::TaskDefinition& definition) {
  const aws::ContainerDefinition* main = main_of(definition);
  core::Container container;
  container.id = tag_value(task.tags, kContainerIdTag);
  if (main == nullptr || container.id.empty() || task.started_by.empty() || main->command.empty()) return std::nullopt;
  container.agent_token = variable(*main, "SOCKERLESS_AGENT_TOKEN");
  if (container.agent_token.empty()) return std::nullopt;
  container.name = tag_value(task.tags, kContainerNameTag);
  if (container.name.empty()) container.name = "adopted_" + container.short_id();
  container.created_at = nanoseconds(definition.registered_at ? definition.registered_at : task.created_at);
  const bool is_arm = definition.runtime_platform && definition.runtime_platform->cpu_architecture == "ARM64";
  container.architecture = is_arm ? "arm64" : "amd64";
  container.path = main->command.front();
  container.args.assign(main->command.begin() + 1, main->command.end());
  container.image_id = image_id_of(main->image);
  container.config = config_of(*main, container.short_id());
  container.host_config = host_config_of(*main, definition);
  container.definition = task.task_definition_arn;
  container.state.status = core::Status::running;
  container.state.started_at = nanoseconds(task.started_at);
  container.launches.push_back({.id = task.started_by,
                                .client_token = random_uuid(),
                                .task = task.task_arn,
                                .requested_at = nanoseconds(task.created_at)});
  return container;
}

}  // namespace sockerless::ecs
