#include "cloud/metadata/views.h"

#include <fmt/format.h>

#include <algorithm>

#include "cloud/tasks/container_plan.h"

namespace sockerless::cloud::metadata {
namespace {

constexpr std::int64_t kMiBPerGiB = 1024;

std::string time_text(Time time) { return time == Time() ? "" : format_rfc3339_nano(time); }

std::string time_text(double seconds) { return seconds == 0 ? "" : format_rfc3339_nano(from_epoch_seconds(seconds)); }

Network network_of(const cloud::Network& network, const std::string& region) {
  Network view;
  view.addresses = {network.address};
  view.mac_address = network.mac_address;
  const std::string prefix = network.gateway.substr(0, network.gateway.rfind('.'));
  view.subnet = fmt::format("{}.0/{}", prefix, network.prefix_length);
  view.private_dns_name = private_dns_name(network.address, region);
  view.gateway = fmt::format("{}/{}", network.gateway, network.prefix_length);
  return view;
}

std::map<std::string, std::string> labels_of(const TaskRun& run, const ecs::ContainerDefinition& definition) {
  std::map<std::string, std::string> labels = definition.docker_labels;
  labels["com.amazonaws.ecs.cluster"] = run.task().cluster_arn;
  labels["com.amazonaws.ecs.container-name"] = definition.name;
  labels["com.amazonaws.ecs.task-arn"] = run.task().arn;
  labels["com.amazonaws.ecs.task-definition-family"] = run.family();
  labels["com.amazonaws.ecs.task-definition-version"] = std::to_string(run.definition().revision);
  return labels;
}

// What DescribeTasks calls PENDING is either of two things here.
std::string status_of(const TaskRun::ContainerRun& container) {
  using Phase = TaskRun::ContainerRun::Phase;
  switch (container.phase) {
    case Phase::waiting: return container.image ? "PULLED" : "NONE";
    case Phase::starting: return "CREATED";
    case Phase::running: return "RUNNING";
    case Phase::ended: return "STOPPED";
  }
  return "NONE";
}

void add_log(Container& view, const TaskRun& run, const ecs::ContainerDefinition& definition) {
  if (!definition.log_configuration) return;
  view.log_driver = definition.log_configuration->log_driver;
  view.log_options = definition.log_configuration->options;
  const auto prefix = view.log_options.find("awslogs-stream-prefix");
  if (prefix == view.log_options.end()) return;
  view.log_options["awslogs-stream"] = fmt::format("{}/{}/{}", prefix->second, definition.name, run.id());
  view.log_options.erase("awslogs-stream-prefix");
}

}  // namespace

Container view_of(const TaskRun& run, const TaskRun::ContainerRun& container) {
  const ecs::ContainerDefinition& definition = container.definition;
  const ecs::Container& shown = run.task().containers[container.index];
  Container view;
  view.id = container.runtime_id;
  view.name = view.docker_name = definition.name;
  view.image = definition.image;
  view.image_id = shown.image_digest;
  for (const ecs::PortMapping& port : definition.port_mappings) {
    const int number = port.container_port.value_or(0);
    view.ports.push_back({number, port.protocol.empty() ? "tcp" : port.protocol, number});
  }
  view.labels = labels_of(run, definition);
  view.desired_status = run.task().desired_status;
  view.known_status = status_of(container);
  view.exit_code = shown.exit_code;
  const int memory = definition.memory.value_or(definition.memory_reservation.value_or(0));
  view.limits = {definition.cpu, memory > 0 ? memory : std::stoi(run.task().memory)};
  view.created_at = time_text(container.created_at);
  view.started_at = time_text(container.started_at);
  if (container.exit) view.finished_at = time_text(container.exit->at);
  if (definition.health_check) view.health = Health{container.health};
  for (const ecs::MountPoint& mount : definition.mount_points) {
    view.volumes.push_back({mount.source_volume, mount.container_path});
  }
  add_log(view, run, definition);
  view.arn = shown.arn;
  if (run.network()) view.networks = {network_of(*run.network(), run.region())};
  return view;
}

Task view_of(const TaskRun& run, Time now) {
  const ecs::Task& task = run.task();
  Task view;
  view.cluster = task.cluster_arn;
  view.arn = task.arn;
  view.family = run.family();
  view.revision = std::to_string(run.definition().revision);
  view.desired_status = task.desired_status;
  view.known_status = task.last_status;
  constexpr double kUnitsPerProcessor = 1024;
  view.limits = {std::stoi(task.cpu) / kUnitsPerProcessor, std::stoi(task.memory)};
  view.pull_started_at = time_text(task.pull_started_at);
  view.pull_stopped_at = time_text(task.pull_stopped_at);
  view.execution_stopped_at = time_text(task.execution_stopped_at);
  view.availability_zone = task.availability_zone;
  for (const auto& container : run.containers()) view.containers.push_back(view_of(run, container));
  view.clock_drift.reference = format_rfc3339_nano(now);
  view.storage.reserved = task.ephemeral_storage.size_in_gib * kMiBPerGiB;
  return view;
}

}  // namespace sockerless::cloud::metadata
