#include <fmt/format.h>

#include "cloud/ecs_api/operations.h"
#include "cloud/ecs_api/tags.h"
#include "cloud/ecs_api/types/tag_requests.h"
#include "cloud/front/api_error.h"

namespace sockerless::cloud::ecs {
namespace {

bool is_task(const EcsApi& api, const std::string& arn) {
  const std::string prefix = api.identity.arn("ecs", "task/");
  return arn.compare(0, prefix.size(), prefix) == 0;
}

// A stopped task has no tags that could be changed.
TaskRun& running_task(EcsApi& api, const std::string& arn) {
  TaskRun* task = api.tasks.find(arn.substr(arn.rfind('/') + 1));
  if (task != nullptr && task->task().arn == arn && !task->has_stopped()) return *task;
  throw invalid_parameter("The specified task is not found or is stopped.");
}

std::vector<Tag> tags_of(EcsApi& api, const std::string& arn) {
  if (const auto* tags = api.clusters.find_tags(arn)) return *tags;
  if (is_task(api, arn)) return running_task(api, arn).task().tags;
  const std::string definition_prefix = api.identity.arn("ecs", "task-definition/");
  if (arn.compare(0, definition_prefix.size(), definition_prefix) == 0) {
    if (const auto* revision = api.definitions.find(arn)) return revision->tags;
  }
  throw resource_not_found(fmt::format("The specified resource could not be found: {}", arn));
}

// Of a resource whose tags have been found.
void set_tags(EcsApi& api, const std::string& arn, std::vector<Tag> tags) {
  if (api.clusters.find_tags(arn) != nullptr) {
    api.clusters.set_tags(arn, std::move(tags));
  } else if (is_task(api, arn)) {
    running_task(api, arn).set_tags(std::move(tags));
  } else {
    api.definitions.set_tags(arn, std::move(tags));
  }
}

Nothing tag_resource(EcsApi& api, TagResourceRequest request) {
  validate_tags(request.tags);
  std::vector<Tag> tags = tags_of(api, request.resource_arn);
  merge_tags(tags, request.tags);
  if (tags.size() > 50) throw invalid_parameter("Too many tags. The maximum is 50.");
  set_tags(api, request.resource_arn, std::move(tags));
  return {};
}

Nothing untag_resource(EcsApi& api, UntagResourceRequest request) {
  std::vector<Tag> tags = tags_of(api, request.resource_arn);
  remove_tags(tags, request.tag_keys);
  set_tags(api, request.resource_arn, std::move(tags));
  return {};
}

ListTagsResponse list_tags(EcsApi& api, TagResourceRequest request) { return {tags_of(api, request.resource_arn)}; }

}  // namespace

void add_tag_operations(Service& service, EcsApi& api) {
  service.add("TagResource", api, tag_resource);
  service.add("UntagResource", api, untag_resource);
  service.add("ListTagsForResource", api, list_tags);
}

}  // namespace sockerless::cloud::ecs
