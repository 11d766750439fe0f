#include "cloud/tasks/container_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <map>

#include "cloud/tasks/task_role.h"

namespace sockerless::cloud {
namespace {

constexpr std::string_view kDefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::int64_t kMiB = 1024 * 1024;

// NAME=VALUE texts, later ones replace earlier ones of the same name in place.
class Environment {
 public:
  void set(const std::string& name, const std::string& value) {
    const auto [at, is_new] = index_.try_emplace(name, entries_.size());
    if (is_new) entries_.emplace_back();
    entries_[at->second] = name + "=" + value;
  }

  void set(std::string_view entry) {
    const auto equals = std::min(entry.find('='), entry.size());
    set(std::string(entry.substr(0, equals)), std::string(entry.substr(std::min(equals + 1, entry.size()))));
  }

  std::vector<std::string> take() { return std::move(entries_); }

 private:
  std::vector<std::string> entries_;
  std::map<std::string, std::size_t> index_;
};

std::vector<std::string> environment_of(const ContainerPlan& plan, const std::string& hostname) {
  Environment environment;
  environment.set(kDefaultPath);
  environment.set("HOSTNAME", hostname);
  for (const std::string& entry : plan.image.environment) environment.set(entry);
  environment.set("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE");
  environment.set("AWS_REGION", plan.region);
  environment.set("AWS_DEFAULT_REGION", plan.region);
  environment.set("ECS_CONTAINER_METADATA_URI", fmt::format("http://{}/v3/{}", kTaskServicesAddress, plan.id));
  environment.set("ECS_CONTAINER_METADATA_URI_V4", fmt::format("http://{}/v4/{}", kTaskServicesAddress, plan.id));
  environment.set("ECS_AGENT_URI", fmt::format("http://{}/api/{}", kTaskServicesAddress, plan.id));
  if (!plan.credentials_path.empty()) {
    environment.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", plan.credentials_path);
  }
  for (const auto& [name, value] : plan.definition.environment) environment.set(name, value);
  for (const auto& [name, value] : plan.secrets) environment.set(name, value);
  for (const auto& [name, value] : plan.override_.environment) environment.set(name, value);
  return environment.take();
}

std::vector<std::string> arguments_of(const ContainerPlan& plan) {
  const bool own_entry_point = !plan.definition.entry_point.empty();
  std::vector<std::string> arguments = own_entry_point ? plan.definition.entry_point : plan.image.entrypoint;
  const auto& command = !plan.override_.command.empty()    ? plan.override_.command
                        : !plan.definition.command.empty() ? plan.definition.command
                        : own_entry_point                  ? plan.override_.command
                                                           : plan.image.command;
  arguments.insert(arguments.end(), command.begin(), command.end());
  if (arguments.empty()) {
    throw StartError("CannotStartContainerError: Error response from daemon: No command specified");
  }
  return arguments;
}

}  // namespace

std::string image_architecture(const ecs::TaskDefinition& definition, const std::string& machine) {
  const auto& platform = definition.runtime_platform;
  if (!platform || platform->cpu_architecture.empty()) return machine;
  return platform->cpu_architecture == "ARM64" ? "arm64" : "amd64";
}

std::string private_dns_name(const std::string& address, const std::string& region) {
  std::string name = "ip-" + address;
  std::replace(name.begin(), name.end(), '.', '-');
  return name + (region == "us-east-1" ? ".ec2.internal" : "." + region + ".compute.internal");
}

ContainerSpec plan_container(ContainerPlan plan) {
  const ecs::ContainerDefinition& definition = plan.definition;
  ContainerSpec spec;
  spec.arguments = arguments_of(plan);
  spec.hostname = private_dns_name(plan.network.address, plan.region);
  spec.environment = environment_of(plan, spec.hostname);
  spec.id = plan.id;
  spec.name = definition.name;
  spec.working_directory = definition.working_directory;
  spec.user = definition.user;
  spec.mounts = std::move(plan.mounts);
  for (const ecs::Ulimit& limit : definition.ulimits) {
    spec.ulimits.push_back({limit.name, limit.soft_limit, limit.hard_limit});
  }
  const int own_memory = plan.override_.memory.value_or(definition.memory.value_or(0));
  spec.cpu_units = plan.task_cpu_units;
  spec.memory_bytes = (own_memory > 0 ? own_memory : plan.task_memory_mib) * kMiB;
  spec.read_only_root = definition.readonly_root_filesystem.value_or(false);
  if (definition.linux_parameters) {
    const ecs::LinuxParameters& parameters = *definition.linux_parameters;
    spec.init = parameters.init_process_enabled.value_or(false);
    if (parameters.capabilities) {
      spec.dropped_capabilities = parameters.capabilities->drop;
      spec.added_capabilities = parameters.capabilities->add;
    }
  }
  spec.image = std::move(plan.image);
  spec.network = std::move(plan.network);
  return spec;
}

int parse_stop_signal(const std::string& text, int fallback) {
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size()) {
    return number > 0 && number < NSIG ? number : fallback;
  }
  const std::string name = text.compare(0, 3, "SIG") == 0 ? text.substr(3) : text;
  if (name.compare(0, 6, "RTMIN+") == 0) {
    return parse_stop_signal(std::to_string(SIGRTMIN + std::atoi(name.c_str() + 6)), fallback);
  }
  for (int candidate = 1; candidate < NSIG; ++candidate) {
    const char* abbreviation = sigabbrev_np(candidate);
    if (abbreviation != nullptr && name == abbreviation) return candidate;
  }
  return fallback;
}

}  // namespace sockerless::cloud
