#include "cloud/ecs_api/task_definitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cloud/ecs_api/fargate.h"
#include "cloud/ecs_api/tags.h"
#include "cloud/front/api_error.h"

namespace sockerless::cloud::ecs {
namespace {

const std::string kTable = "task_definitions";
const std::string kFamilies = "families";
constexpr double kKeepSeconds = 24 * 60 * 60;

struct FamilyRow {
  int last = 0;

  static constexpr auto fields() { return std::tuple{json::field("last", &FamilyRow::last)}; }
};

std::string key_of(const TaskDefinition& definition) {
  return fmt::format("{}:{}", definition.family, definition.revision);
}

bool uses_log_driver(const TaskDefinition& definition, std::string_view driver) {
  return std::any_of(definition.containers.begin(), definition.containers.end(),
                     [&](const ContainerDefinition& container) {
                       return container.log_configuration && container.log_configuration->log_driver == driver;
                     });
}

// What the platform must be able to do for this definition, in the names that ECS gives it.
std::vector<Attribute> required_attributes(const TaskDefinition& definition) {
  std::vector<Attribute> attributes;
  if (uses_log_driver(definition, "awslogs")) {
    attributes.push_back({"com.amazonaws.ecs.capability.logging-driver.awslogs", ""});
    attributes.push_back({"ecs.capability.execution-role-awslogs", ""});
    attributes.push_back({"com.amazonaws.ecs.capability.docker-remote-api.1.19", ""});
  }
  if (!definition.task_role_arn.empty()) {
    attributes.push_back({"com.amazonaws.ecs.capability.task-iam-role", ""});
  }
  const auto& volumes = definition.volumes;
  if (std::any_of(volumes.begin(), volumes.end(), [](const Volume& v) { return v.efs.has_value(); })) {
    attributes.push_back({"ecs.capability.efs", ""});
    attributes.push_back({"com.amazonaws.ecs.capability.docker-remote-api.1.25", ""});
  }
  attributes.push_back({"com.amazonaws.ecs.capability.docker-remote-api.1.18", ""});
  attributes.push_back({"ecs.capability.task-eni", ""});
  return attributes;
}

void fill_container(ContainerDefinition& container) {
  if (!container.essential) container.essential = true;
  for (PortMapping& port : container.port_mappings) {
    if (port.protocol.empty()) port.protocol = "tcp";
    if (port.container_port) port.host_port = port.container_port;
  }
  if (container.health_check) {
    HealthCheck& check = *container.health_check;
    check.interval = check.interval.value_or(30);
    check.timeout = check.timeout.value_or(5);
    check.retries = check.retries.value_or(3);
  }
}

}  // namespace

TaskDefinitions::TaskDefinitions(Identity identity, Clock& clock, StateStore& state)
    : identity_(std::move(identity)), clock_(clock), state_(state) {
  for (const auto& [family, document] : state_.load(kFamilies)) {
    last_numbers_[family] = read_row<FamilyRow>(kFamilies, family, document).last;
  }
  for (const auto& [key, document] : state_.load(kTable)) {
    auto revision = read_row<Revision>(kTable, key, document);
    const TaskDefinition& definition = revision.definition;
    if (is_forgotten(definition)) {
      state_.erase(kTable, key);
      continue;
    }
    const std::string family = definition.family;
    const int number = definition.revision;
    families_[family][number] = std::move(revision);
  }
}

const TaskDefinitions::Revision& TaskDefinitions::add(RegisterTaskDefinitionRequest request) {
  validate_task_definition(request);
  validate_tags(request.tags);

  const int number = next_number(request.family);
  Revision& revision = families_[request.family][number];
  revision.tags = std::move(request.tags);
  TaskDefinition& definition = revision.definition;
  definition = std::move(static_cast<TaskDefinition&>(request));
  definition.revision = number;
  definition.arn = identity_.arn("ecs", fmt::format("task-definition/{}:{}", definition.family, number));
  definition.status = "ACTIVE";
  definition.cpu = std::to_string(parse_cpu(definition.cpu));
  definition.memory = std::to_string(parse_memory(definition.memory));
  definition.compatibilities = {"EC2", "FARGATE"};
  definition.requires_attributes = required_attributes(definition);
  definition.registered_at = to_epoch_seconds(clock_.now());
  definition.deregistered_at = 0;
  definition.delete_requested_at = 0;
  definition.registered_by = identity_.caller_arn();
  for (ContainerDefinition& container : definition.containers) fill_container(container);
  save(revision);
  return revision;
}

const TaskDefinitions::Revision* TaskDefinitions::find(const std::string& reference) const {
  const Name name = parse(reference);
  const auto family = families_.find(name.family);
  if (family == families_.end()) return nullptr;
  auto& revisions = family->second;
  if (name.revision != 0) {
    const auto found = revisions.find(name.revision);
    return found == revisions.end() ? nullptr : &found->second;
  }
  const auto latest = std::find_if(revisions.rbegin(), revisions.rend(),
                                   [](const auto& entry) { return entry.second.definition.status == "ACTIVE"; });
  return latest == revisions.rend() ? nullptr : &latest->second;
}

const TaskDefinition& TaskDefinitions::deregister(const std::string& reference) {
  Revision& revision = get(reference);
  TaskDefinition& definition = revision.definition;
  if (definition.status == "ACTIVE") {
    definition.status = "INACTIVE";
    definition.deregistered_at = to_epoch_seconds(clock_.now());
    save(revision);
  }
  return definition;
}

const TaskDefinition& TaskDefinitions::request_deletion(const std::string& reference) {
  Revision& revision = get(reference);
  TaskDefinition& definition = revision.definition;
  if (definition.status == "ACTIVE") {
    throw client_exception("The specified task definition is still in ACTIVE status. Deregister it and try again.");
  }
  if (definition.status == "INACTIVE") {
    definition.status = "DELETE_IN_PROGRESS";
    definition.delete_requested_at = to_epoch_seconds(clock_.now());
    save(revision);
  }
  return definition;
}

void TaskDefinitions::set_tags(const std::string& reference, std::vector<Tag> tags) {
  Revision& revision = get(reference);
  revision.tags = std::move(tags);
  save(revision);
}

TaskDefinitions::Revision& TaskDefinitions::get(const std::string& reference) {
  const Name name = parse(reference);
  if (name.revision == 0) {
    throw client_exception("Revision is missing. Specify family:revision or the full ARN.");
  }
  if (find(reference) == nullptr) throw client_exception("The specified task definition does not exist.");
  return families_.at(name.family).at(name.revision);
}

int TaskDefinitions::next_number(const std::string& family) {
  const int number = ++last_numbers_[family];
  state_.put(kFamilies, family, json::to_text(FamilyRow{number}));
  return number;
}

bool TaskDefinitions::is_forgotten(const TaskDefinition& definition) const {
  return definition.status != "ACTIVE" && definition.deregistered_at + kKeepSeconds < to_epoch_seconds(clock_.now());
}

void TaskDefinitions::save(const Revision& revision) {
  state_.put(kTable, key_of(revision.definition), json::to_text(revision));
}

TaskDefinitions::Name TaskDefinitions::parse(std::string reference) const {
  const std::string prefix = identity_.arn("ecs", "task-definition/");
  if (reference.compare(0, prefix.size(), prefix) == 0) reference.erase(0, prefix.size());
  const auto colon = reference.find(':');
  if (colon == std::string::npos) return {reference};
  Name name{reference.substr(0, colon)};
  const char* end = reference.data() + reference.size();
  const auto parsed = std::from_chars(reference.data() + colon + 1, end, name.revision);
  if (parsed.ec != std::errc{} || parsed.ptr != end || name.revision < 1) {
    throw client_exception(fmt::format("Invalid revision number. Number: {}", reference.substr(colon + 1)));
  }
  return name;
}

}  // namespace sockerless::cloud::ecs
