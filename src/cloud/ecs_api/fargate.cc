#include "cloud/ecs_api/fargate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "cloud/front/api_error.h"

namespace sockerless::cloud::ecs {
namespace {

constexpr std::size_t kMostContainers = 10;
constexpr std::size_t kMostBytes = 64 * 1024;

struct Size {
  int cpu;
  int least_memory;
  int most_memory;
  int step;  // 0: doubling
};

constexpr Size kSizes[] = {
    {256, 512, 2048, 0},       {512, 1024, 4096, 1024},    {1024, 2048, 8192, 1024},     {2048, 4096, 16384, 1024},
    {4096, 8192, 30720, 1024}, {8192, 16384, 61440, 4096}, {16384, 32768, 122880, 8192},
};

bool allows(const Size& size, int memory) {
  if (memory < size.least_memory || memory > size.most_memory) return false;
  if (size.step > 0) return (memory - size.least_memory) % size.step == 0;
  int allowed = size.least_memory;
  while (allowed < memory) allowed *= 2;
  return allowed == memory;
}

// A number, optionally followed by white space and a unit; nullopt for anything else.
std::optional<std::pair<double, std::string>> number_with_unit(const std::string& text) {
  double number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || number < 0) return std::nullopt;
  std::string unit;
  for (const char* c = end; c != text.data() + text.size(); ++c) {
    if (*c != ' ') unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*c)));
  }
  return std::pair{number, unit};
}

bool is_family_name(const std::string& name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

ApiError unsupported(std::string_view field) {
  return client_exception(fmt::format("Fargate compatible task definitions do not support {}", field));
}

void check_platform(const TaskDefinition& definition) {
  const auto& requires_list = definition.requires_compatibilities;
  if (std::find(requires_list.begin(), requires_list.end(), "FARGATE") == requires_list.end()) {
    throw client_exception("This cloud runs Fargate tasks only: requiresCompatibilities must contain FARGATE.");
  }
  if (definition.network_mode != "awsvpc") {
    throw client_exception("Fargate only supports network mode ‘awsvpc’.");
  }
  if (definition.pid_mode == "host") {
    throw client_exception(
        "Tasks using the Fargate launch type do not support pidMode 'host'. The supported value "
        "for pidMode is 'task'.");
  }
  if (!definition.pid_mode.empty()) throw client_exception("pidMode is not available in this cloud.");
  if (!definition.ipc_mode.empty()) throw unsupported("ipcMode");
  if (!definition.placement_constraints.empty()) throw unsupported("constraints");
  if (!definition.inference_accelerators.empty()) {
    throw client_exception("Unsupported field 'inferenceAccelerators'");
  }
  if (!definition.proxy_configuration.is_null()) {
    throw client_exception("proxyConfiguration is not available in this cloud.");
  }
  if (!definition.runtime_platform) return;
  const auto& platform = *definition.runtime_platform;
  const auto& family = platform.operating_system_family;
  if (!family.empty() && family != "LINUX") {
    throw client_exception("This cloud runs Linux only: operatingSystemFamily must be LINUX.");
  }
  const auto& architecture = platform.cpu_architecture;
  if (!architecture.empty() && architecture != "X86_64" && architecture != "ARM64") {
    throw invalid_parameter("Invalid 'cpuArchitecture' setting for task.");
  }
}

void check_task_size(const TaskDefinition& definition) {
  if (definition.cpu.empty()) {
    throw client_exception("Fargate requires that 'cpu' be defined at the task level.");
  }
  if (definition.memory.empty()) {
    throw client_exception("Fargate requires that 'memory' be defined at the task level.");
  }
  check_size(parse_cpu(definition.cpu), parse_memory(definition.memory));
  if (!definition.ephemeral_storage) return;
  const int size = definition.ephemeral_storage->size_in_gib;
  if (size < 21) throw client_exception("EphemeralStorage size should be at least 21");
  if (size > 200) throw client_exception("EphemeralStorage size should be at most 200");
}

void check_efs(const EfsVolume& efs) {
  const bool encrypted = efs.transit_encryption == "ENABLED";
  if (efs.file_system_id.empty()) throw client_exception("EFS file system id cannot be empty.");
  if (efs.transit_encryption_port && !encrypted) {
    throw client_exception("TransitEncryptionPort requires that TransitEncryption is enabled");
  }
  if (!efs.authorization_config) return;
  const auto& authorization = *efs.authorization_config;
  if (authorization.iam == "ENABLED" && !encrypted) {
    throw client_exception("EFS IAM authorization requires TransitEncryption to be enabled");
  }
  if (authorization.access_point_id.empty()) return;
  if (!encrypted) {
    throw client_exception("EFS access points require TransitEncryption to be enabled");
  }
  if (!efs.root_directory.empty() && efs.root_directory != "/") {
    throw client_exception(
        "When using an EFS access point, the root directory must either be set to \"/\" or be "
        "omitted");
  }
}

void check_volumes(const TaskDefinition& definition) {
  std::set<std::string> names;
  for (const Volume& volume : definition.volumes) {
    if (volume.name.empty()) throw client_exception("Volume.name should not be null or empty.");
    if (!names.insert(volume.name).second) {
      throw client_exception("Volume names must be unique within a task definition");
    }
    if (!volume.docker_volume_configuration.is_null()) throw unsupported("dockerVolumeConfiguration");
    if (!volume.fsx.is_null()) throw unsupported("fsxWindowsFileServerVolumeConfiguration");
    if (volume.host && !volume.host->source_path.empty()) throw unsupported("sourcePath");
    if (volume.configured_at_launch.value_or(false)) {
      throw client_exception("configuredAtLaunch volumes are not available in this cloud.");
    }
    if (volume.efs) check_efs(*volume.efs);
  }
  std::set<std::string> unreferenced = names;
  for (const ContainerDefinition& container : definition.containers) {
    for (const MountPoint& mount : container.mount_points) {
      if (names.count(mount.source_volume) == 0) {
        throw client_exception(fmt::format("Unknown volume '{}'.", mount.source_volume));
      }
      unreferenced.erase(mount.source_volume);
    }
  }
  if (!unreferenced.empty()) {
    throw client_exception(
        fmt::format("Volumes [{}] are not referenced by any of the containers", fmt::join(unreferenced, ", ")));
  }
}

const ContainerDefinition* find_container(const TaskDefinition& definition, const std::string& name) {
  const auto& all = definition.containers;
  const auto found = std::find_if(all.begin(), all.end(), [&](const ContainerDefinition& c) { return c.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void check_dependency(const TaskDefinition& definition, const ContainerDependency& dependency) {
  const auto* other = find_container(definition, dependency.container_name);
  const auto& condition = dependency.condition;
  if (other == nullptr) {
    throw client_exception(
        fmt::format("Cannot depend on container {} because it does not exist", dependency.container_name));
  }
  if (condition == "HEALTHY") {
    if (!other->health_check) {
      throw client_exception("A dependency container with HEALTHY condition must have health check configured");
    }
    return;
  }
  if (condition != "START" && condition != "COMPLETE" && condition != "SUCCESS") {
    throw invalid_parameter(fmt::format("Invalid dependency condition '{}'.", condition));
  }
  if (condition != "START" && other->is_essential()) {
    throw client_exception(
        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential "
        "container");
  }
}

void check_acyclic(const TaskDefinition& definition, const ContainerDefinition& container, std::set<std::string>& above,
                   std::set<std::string>& done) {
  if (done.count(container.name) > 0) return;
  if (!above.insert(container.name).second) {
    throw client_exception("There is a circular dependency between containers");
  }
  for (const auto& dependency : container.depends_on) {
    check_acyclic(definition, *find_container(definition, dependency.container_name), above, done);
  }
  above.erase(container.name);
  done.insert(container.name);
}

void check_dependencies(const TaskDefinition& definition) {
  for (const ContainerDefinition& container : definition.containers) {
    for (const auto& dependency : container.depends_on) check_dependency(definition, dependency);
    for (const auto& from : container.volumes_from) {
      if (find_container(definition, from.source_container) == nullptr) {
        throw client_exception(
            fmt::format("Invalid 'volumesFrom' setting. Unknown container: '{}'", from.source_container));
      }
    }
  }
  std::set<std::string> above;
  std::set<std::string> done;
  for (const ContainerDefinition& container : definition.containers) {
    check_acyclic(definition, container, above, done);
  }
}

void check_ports(const TaskDefinition& definition) {
  std::set<std::pair<int, std::string>> used;
  std::set<std::string> names;
  for (const ContainerDefinition& container : definition.containers) {
    for (const PortMapping& port : container.port_mappings) {
      const std::string protocol = port.protocol.empty() ? "tcp" : port.protocol;
      if (port.container_port && !used.insert({*port.container_port, protocol}).second) {
        throw client_exception("container port is used multiple times in task");
      }
      if (!port.name.empty() && !names.insert(port.name).second) {
        throw client_exception("port mapping name is already used");
      }
    }
  }
}

void check_containers(const TaskDefinition& definition) {
  const auto& containers = definition.containers;
  if (containers.empty()) throw client_exception("Container list cannot be empty.");
  if (containers.size() > kMostContainers) throw client_exception("Too many containers");
  std::set<std::string> names;
  int cpu = 0;
  for (const ContainerDefinition& container : containers) {
    validate_container(container, definition);
    if (!names.insert(container.name).second) {
      throw client_exception("Container names must be unique within a task definition");
    }
    cpu += container.cpu;
  }
  const auto is_essential = [](const ContainerDefinition& c) { return c.is_essential(); };
  if (std::none_of(containers.begin(), containers.end(), is_essential)) {
    throw client_exception("Task definition doesn't have any essential container");
  }
  if (cpu > parse_cpu(definition.cpu)) {
    throw client_exception(
        "The sum of all container 'cpu' values cannot be greater than the value of the task "
        "'cpu'.");
  }
}

}  // namespace

int parse_cpu(const std::string& text) {
  const auto parsed = number_with_unit(text);
  const bool in_vcpu = parsed && parsed->second == "vcpu";
  if (!parsed || (!in_vcpu && !parsed->second.empty())) {
    throw client_exception("Invalid 'cpu' setting for task.");
  }
  return static_cast<int>(std::lround(parsed->first * (in_vcpu ? 1024 : 1)));
}

int parse_memory(const std::string& text) {
  const auto parsed = number_with_unit(text);
  const bool in_gb = parsed && parsed->second == "gb";
  if (!parsed || (!in_gb && !parsed->second.empty())) {
    throw client_exception("Invalid 'memory' setting for task.");
  }
  return static_cast<int>(std::lround(parsed->first * (in_gb ? 1024 : 1)));
}

void check_size(int cpu_units, int memory_mib) {
  for (const Size& size : kSizes) {
    if (size.cpu == cpu_units && allows(size, memory_mib)) return;
  }
  throw client_exception("No Fargate configuration exists for given values.");
}

void validate_task_definition(const TaskDefinition& definition) {
  if (!is_family_name(definition.family)) {
    throw client_exception("Family contains invalid characters.");
  }
  if (json::to_text(definition).size() > kMostBytes) {
    throw client_exception("Task definition is too large: the maximum is 64 KiB.");
  }
  check_platform(definition);
  check_task_size(definition);
  check_containers(definition);
  check_ports(definition);
  check_volumes(definition);
  check_dependencies(definition);
}

}  // namespace sockerless::cloud::ecs
