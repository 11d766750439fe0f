#include "cloud/ecs_api/run_task.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "cloud/ecs_api/capacity.h"
#include "cloud/ecs_api/fargate.h"
#include "cloud/ecs_api/operations.h"
#include "cloud/ecs_api/tags.h"
#include "cloud/front/api_error.h"
#include "cloud/tasks/container_plan.h"

namespace sockerless::cloud::ecs {
namespace {

const std::string kTokens = "client_tokens";
constexpr int kMostTasks = 10;
constexpr std::size_t kLongestOverrides = 8192;
constexpr std::string_view kNoCapacity =
    "Capacity is unavailable at this time. Please try again later or in a different availability "
    "zone";

void check_network(const RunTaskRequest& request) {
  if (!request.network_configuration || !request.network_configuration->awsvpc) {
    throw invalid_parameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const auto& [subnets, groups, assign_public_ip] = *request.network_configuration->awsvpc;
  if (subnets.empty()) throw invalid_parameter("subnets can not be empty.");
  if (subnets.size() > 16) throw invalid_parameter("subnets can have at most 16 items.");
  if (groups.size() > 5) throw invalid_parameter("securityGroups can have at most 5 items.");
  if (!assign_public_ip.empty() && assign_public_ip != "ENABLED" && assign_public_ip != "DISABLED") {
    throw invalid_parameter("assignPublicIp should be either ENABLED or DISABLED.");
  }
}

void check_overrides(const RunTaskRequest& request, const TaskDefinition& definition) {
  const std::string text = json::to_text(request.overrides);
  if (text.size() > kLongestOverrides) {
    throw invalid_parameter("Container Overrides length must be at most 8192");
  }
  for (const auto& override_ : request.overrides.containers) {
    const auto& all = definition.containers;
    const bool known =
        std::any_of(all.begin(), all.end(), [&](const ContainerDefinition& c) { return c.name == override_.name; });
    if (!known) {
      throw invalid_parameter(
          fmt::format("Override for container named {} is not a container in the TaskDefinition.", override_.name));
    }
  }
}

void check_request(const RunTaskRequest& request) {
  if (request.task_definition.empty()) throw client_exception("TaskDefinition not found.");
  const int count = request.count.value_or(1);
  if (count < 1 || count > kMostTasks) {
    throw invalid_parameter("count must be between 1 and 10.");
  }
  if (request.client_token.size() > 64) {
    throw invalid_parameter("clientToken can have at most 64 characters.");
  }
  if (request.started_by.size() > 128) {
    throw invalid_parameter("startedBy can have at most 128 characters.");
  }
  if (request.group.compare(0, 8, "service:") == 0) {
    throw invalid_parameter("Invalid group: a group must not start with 'service:'.");
  }
  const std::string& propagated = request.propagate_tags;
  if (!propagated.empty() && propagated != "TASK_DEFINITION" && propagated != "NONE" && propagated != "SERVICE") {
    throw invalid_parameter("propagateTags should be one of [TASK_DEFINITION, SERVICE, NONE]");
  }
  if (propagated == "SERVICE") {
    throw invalid_parameter("propagateTags SERVICE is not supported for RunTask.");
  }
  if (!request.placement_constraints.empty() || !request.placement_strategy.empty()) {
    throw invalid_parameter("Placement is not supported with FARGATE launch type.");
  }
  if (!request.volume_configurations.empty()) {
    throw invalid_parameter("volumeConfigurations are not available in this cloud.");
  }
  const auto& version = request.platform_version;
  if (!version.empty() && version != "LATEST" && version != "1.4.0") {
    throw ApiError("PlatformUnknownException", "The specified platform version does not exist.");
  }
  validate_tags(request.tags);
}

std::vector<Tag> tags_of(const RunTaskRequest& request, const Cluster& cluster, const std::vector<Tag>& of_definition) {
  std::vector<Tag> tags;
  if (request.propagate_tags == "TASK_DEFINITION") tags = of_definition;
  merge_tags(tags, request.tags);
  if (request.enable_managed_tags) merge_tags(tags, {{"aws:ecs:clusterName", cluster.name}});
  return tags;
}

Container make_container(const ContainerDefinition& definition, const Identity& identity, const std::string& cluster,
                         const std::string& task_id, const Task& task) {
  Container container;
  container.arn = identity.arn("ecs", fmt::format("container/{}/{}/{}", cluster, task_id, random_uuid()));
  container.task_arn = task.arn;
  container.name = definition.name;
  container.image = definition.image;
  container.cpu = std::to_string(definition.cpu);
  if (definition.memory) container.memory = std::to_string(*definition.memory);
  if (definition.memory_reservation) {
    container.memory_reservation = std::to_string(*definition.memory_reservation);
  }
  return container;
}

TaskOverride overrides_of(const RunTaskRequest& request, const TaskDefinition& definition) {
  TaskOverride overrides = request.overrides;
  overrides.containers.clear();
  for (const ContainerDefinition& container : definition.containers) {
    ContainerOverride shown;
    shown.name = container.name;
    for (const auto& given : request.overrides.containers) {
      if (given.name == container.name) shown = given;
    }
    overrides.containers.push_back(std::move(shown));
  }
  return overrides;
}

struct NewTask {
  std::string id;
  std::string capacity_provider;  // "" for the Fargate launch type
};

Task make_task(const EcsApi& api, const RunTaskRequest& request, const Cluster& cluster,
               const TaskDefinitions::Revision& revision, const NewTask& made) {
  const TaskDefinition& definition = revision.definition;
  const auto& overrides = request.overrides;
  Task task;
  task.arn = api.identity.arn("ecs", fmt::format("task/{}/{}", cluster.name, made.id));
  task.cluster_arn = cluster.arn;
  task.task_definition_arn = definition.arn;
  task.availability_zone = api.identity.region + "a";
  task.cpu = overrides.cpu.empty() ? definition.cpu : std::to_string(parse_cpu(overrides.cpu));
  task.memory = overrides.memory.empty() ? definition.memory : std::to_string(parse_memory(overrides.memory));
  check_size(std::stoi(task.cpu), std::stoi(task.memory));
  task.created_at = to_epoch_seconds(api.clock.now());
  task.enable_execute_command = request.enable_execute_command;
  if (definition.ephemeral_storage) task.ephemeral_storage = *definition.ephemeral_storage;
  task.group = request.group.empty() ? "family:" + definition.family : request.group;
  task.capacity_provider_name = made.capacity_provider;
  task.launch_type = "FARGATE";
  task.started_by = request.started_by;
  task.overrides = overrides_of(request, definition);
  task.tags = tags_of(request, cluster, revision.tags);
  const bool arm = image_architecture(definition, api.tasks.services().architecture) == "arm64";
  task.attributes = {{"ecs.cpu-architecture", arm ? "arm64" : "x86_64"}};
  task.attachments = {{random_uuid(),
                       "ElasticNetworkInterface",
                       "PRECREATED",
                       {{"subnetId", request.network_configuration->awsvpc->subnets.front()},
                        {"networkInterfaceId", "eni-0" + random_hex(8)}}}};
  for (const ContainerDefinition& container : definition.containers) {
    task.containers.push_back(make_container(container, api.identity, cluster.name, made.id, task));
  }
  return task;
}

// The tasks as they are now; of one that is forgotten only what is sure.
TasksResponse replay(EcsApi& api, const ClientTokens::Launch& launch) {
  TasksResponse response;
  response.failures = launch.failures;
  for (const std::string& id : launch.task_ids) {
    const TaskRun* task = api.tasks.find(id);
    if (task != nullptr) response.tasks.push_back(task->task());
  }
  return response;
}

}  // namespace

ClientTokens::ClientTokens(Clock& clock, StateStore& state) : clock_(clock), state_(state) {
  for (const auto& [key, document] : state_.load(kTokens)) by_token_[key] = read_row<Launch>(kTokens, key, document);
}

const ClientTokens::Launch* ClientTokens::find(const std::string& cluster_arn, const std::string& token,
                                               const std::string& request) {
  const auto found = by_token_.find(cluster_arn + " " + token);
  if (found == by_token_.end()) return nullptr;
  if (found->second.request == request) return &found->second;
  ApiError conflict("ConflictException", "The clientToken was used before with different parameters.");
  conflict.resource_ids = found->second.task_arns;
  throw conflict;
}

void ClientTokens::remember(const std::string& cluster_arn, const std::string& token, Launch launch) {
  constexpr double kKeepSeconds = 24 * 60 * 60;
  launch.at = to_epoch_seconds(clock_.now());
  for (auto known = by_token_.begin(); known != by_token_.end();) {
    if (launch.at - known->second.at <= kKeepSeconds) {
      ++known;
      continue;
    }
    state_.erase(kTokens, known->first);
    known = by_token_.erase(known);
  }
  const std::string key = cluster_arn + " " + token;
  state_.put(kTokens, key, json::to_text(launch));
  by_token_[key] = std::move(launch);
}

TasksResponse run_task(EcsApi& api, RunTaskRequest request) {
  const Cluster& cluster = api.clusters.get(request.cluster);
  check_request(request);
  const std::string text = json::to_text(request);
  if (!request.client_token.empty()) {
    const auto* before = api.tokens.find(cluster.arn, request.client_token, text);
    if (before != nullptr) return replay(api, *before);
  }
  const auto* revision = api.definitions.find(request.task_definition);
  if (revision == nullptr) throw client_exception("TaskDefinition not found.");
  if (revision->definition.status != "ACTIVE") throw client_exception("TaskDefinition is inactive");
  check_network(request);
  check_overrides(request, revision->definition);
  const std::vector<std::string> providers = choose_providers(request, cluster);
  const auto on_spot = std::count(providers.begin(), providers.end(), "FARGATE_SPOT");
  api.faults.before_launches(static_cast<int>(on_spot), true);
  api.faults.before_launches(static_cast<int>(providers.size()) - static_cast<int>(on_spot), false);

  TasksResponse response;
  ClientTokens::Launch launch;
  launch.request = text;
  for (const std::string& provider : providers) {
    if (api.faults.lacks_capacity()) {
      response.failures.push_back({"", std::string(kNoCapacity), ""});
      continue;
    }
    const std::string id = Tasks::make_id();
    Task task = make_task(api, request, cluster, *revision, {id, provider});
    response.tasks.push_back(task);
    launch.task_ids.push_back(id);
    launch.task_arns.push_back(task.arn);
    api.tasks.launch(id, std::move(task), revision->definition).describes_to_miss = api.faults.describes_to_miss();
  }
  launch.failures = response.failures;
  if (!request.client_token.empty()) {
    api.tokens.remember(cluster.arn, request.client_token, std::move(launch));
  }
  return response;
}

}  // namespace sockerless::cloud::ecs
