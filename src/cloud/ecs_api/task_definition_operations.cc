#include <fmt/format.h>

#include <algorithm>

#include "cloud/ecs_api/operations.h"
#include "cloud/ecs_api/types/task_definition_requests.h"
#include "cloud/front/api_error.h"
#include "cloud/front/paging.h"

namespace sockerless::cloud::ecs {
namespace {

TaskDefinitionResponse register_task_definition(EcsApi& api, RegisterTaskDefinitionRequest request) {
  const auto& revision = api.definitions.add(std::move(request));
  return {revision.definition, revision.tags};
}

TaskDefinitionResponse describe_task_definition(EcsApi& api, TaskDefinitionRequest request) {
  const auto* revision = api.definitions.find(request.task_definition);
  if (revision == nullptr) throw client_exception("Unable to describe task definition.");
  TaskDefinitionResponse response{revision->definition, {}};
  const auto& include = request.include;
  if (std::find(include.begin(), include.end(), "TAGS") != include.end()) {
    response.tags = revision->tags;
  }
  return response;
}

TaskDefinitionResponse deregister_task_definition(EcsApi& api, TaskDefinitionRequest request) {
  return {api.definitions.deregister(request.task_definition), {}};
}

// What cannot be deleted is a failure of its own; the rest is.
DeleteTaskDefinitionsResponse delete_task_definitions(EcsApi& api, DeleteTaskDefinitionsRequest request) {
  constexpr std::size_t kMostDeleted = 10;
  if (request.task_definitions.empty()) throw invalid_parameter("TaskDefinitions cannot be empty.");
  if (request.task_definitions.size() > kMostDeleted) {
    throw invalid_parameter("TaskDefinitions can have at most 10 items.");
  }
  DeleteTaskDefinitionsResponse response;
  for (const std::string& reference : request.task_definitions) {
    try {
      response.definitions.push_back(api.definitions.request_deletion(reference));
    } catch (const ApiError& error) {
      const bool is_arn = reference.compare(0, 4, "arn:") == 0;
      response.failures.push_back(
          {is_arn ? reference : api.identity.arn("ecs", "task-definition/" + reference), error.what(), ""});
    }
  }
  return response;
}

// Sorts as family and number do, which the ARN's text does not.
std::string sort_key(const std::string& family, int revision) { return fmt::format("{}:{:010}", family, revision); }

ListTaskDefinitionsResponse list_task_definitions(EcsApi& api, ListTaskDefinitionsRequest request) {
  const std::string status = request.status.empty() ? "ACTIVE" : request.status;
  const bool descending = request.sort == "DESC";
  const auto& all = api.definitions.all();
  const bool is_for_all = request.family_prefix.empty();
  const auto first = is_for_all ? all.begin() : all.find(request.family_prefix);
  const auto last = is_for_all || first == all.end() ? all.end() : std::next(first);
  std::map<std::string, std::string> arns;
  for (auto family = first; family != last; ++family) {
    for (const auto& [number, revision] : family->second) {
      if (revision.definition.status != status) continue;
      arns[sort_key(family->first, number)] = revision.definition.arn;
    }
  }
  std::vector<std::string> keys;
  keys.reserve(arns.size());
  for (const auto& [key, arn] : arns) keys.push_back(key);
  if (descending) std::reverse(keys.begin(), keys.end());
  const Page page = page_of(keys, request.next_token, page_size(request.max_results), descending);
  ListTaskDefinitionsResponse response;
  for (const std::string& key : page.items) response.arns.push_back(arns.at(key));
  response.next_token = page.next_token;
  return response;
}

ListFamiliesResponse list_families(EcsApi& api, ListTaskDefinitionsRequest request) {
  const std::string status = request.status.empty() ? "ALL" : request.status;
  std::vector<std::string> families;
  const auto& all = api.definitions.all();
  for (auto next = all.lower_bound(request.family_prefix); next != all.end(); ++next) {
    const auto& [family, revisions] = *next;
    if (!family.starts_with(request.family_prefix)) break;
    const bool is_active = std::any_of(revisions.begin(), revisions.end(),
                                       [](const auto& entry) { return entry.second.definition.status == "ACTIVE"; });
    if (status == "ALL" || is_active == (status == "ACTIVE")) families.push_back(family);
  }
  Page page = page_of(families, request.next_token, page_size(request.max_results));
  return {std::move(page.items), std::move(page.next_token)};
}

}  // namespace

void add_task_definition_operations(Service& service, EcsApi& api) {
  service.add("RegisterTaskDefinition", api, register_task_definition);
  service.add("DescribeTaskDefinition", api, describe_task_definition);
  service.add("DeregisterTaskDefinition", api, deregister_task_definition);
  service.add("DeleteTaskDefinitions", api, delete_task_definitions);
  service.add("ListTaskDefinitions", api, list_task_definitions);
  service.add("ListTaskDefinitionFamilies", api, list_families);
}

}  // namespace sockerless::cloud::ecs
