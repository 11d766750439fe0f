#include <fmt/format.h>

#include "cloud/ecs_api/operations.h"
#include "cloud/ecs_api/tags.h"
#include "cloud/ecs_api/types/tag_requests.h"
#include "cloud/front/api_error.h"

namespace sockerless::cloud::ecs {
namespace {

// The tags of a cluster, a task definition or a task that still runs: a stopped task has none that
// could be changed.
std::vector<Tag>& tags_of(EcsApi& api, const std::string& arn) {
  const std::string task_prefix = api.identity.arn("ecs", "task/");
  if (auto* tags = api.clusters.find_tags(arn)) return *tags;
  if (arn.compare(0, task_prefix.size(), task_prefix) == 0) {
    TaskRun* task = api.tasks.find(arn.substr(arn.rfind('/') + 1));
    if (task != nullptr && task->task().arn == arn && !task->has_stopped()) return task->tags();
    throw invalid_parameter("The specified task is not found or is stopped.");
  }
  if (arn.compare(0, 4, "arn:") == 0) {
    if (auto* revision = api.definitions.find(arn)) return revision->tags;
  }
  throw resource_not_found(fmt::format("The specified resource could not be found: {}", arn));
}

Nothing tag_resource(EcsApi& api, TagResourceRequest request) {
  validate_tags(request.tags);
  std::vector<Tag>& tags = tags_of(api, request.resource_arn);
  std::vector<Tag> merged = tags;
  merge_tags(merged, request.tags);
  if (merged.size() > 50) throw invalid_parameter("Too many tags. The maximum is 50.");
  tags = std::move(merged);
  return {};
}

Nothing untag_resource(EcsApi& api, UntagResourceRequest request) {
  remove_tags(tags_of(api, request.resource_arn), request.tag_keys);
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
