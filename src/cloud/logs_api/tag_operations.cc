#include "cloud/ecs_api/tags.h"
#include "cloud/front/api_error.h"
#include "cloud/logs_api/operations.h"
#include "cloud/logs_api/tag_types.h"

namespace sockerless::cloud::logs {
namespace {

using Tags = std::map<std::string, std::string>;

void add_tags(LogsApi& api, const Group& group, const Tags& tags) {
  Tags merged = group.tags;
  for (const auto& [key, value] : tags) merged[key] = value;
  check_tags(tags);
  check_tags(merged);
  api.store.set_tags(group.name, std::move(merged));
}

void remove_tags(LogsApi& api, const Group& group, const std::vector<std::string>& keys) {
  Tags left = group.tags;
  for (const std::string& key : keys) left.erase(key);
  api.store.set_tags(group.name, std::move(left));
}

// Only groups have tags here. Their ARN ends without ":*" in these calls.
Group& group_of(LogsApi& api, const std::string& arn) {
  if (arn.compare(0, 4, "arn:") != 0) throw invalid_parameter("resourceArn must be the ARN of a log group.");
  return api.store.get_group(arn);
}

Nothing tag_resource(LogsApi& api, TagRequest request) {
  add_tags(api, group_of(api, request.arn), request.tags);
  return {};
}

Nothing untag_resource(LogsApi& api, UntagRequest request) {
  remove_tags(api, group_of(api, request.arn), request.keys);
  return {};
}

TagsResponse list_tags(LogsApi& api, TagRequest request) { return {group_of(api, request.arn).tags}; }

Nothing tag_group(LogsApi& api, TagRequest request) {
  add_tags(api, api.store.get_group(request.group), request.tags);
  return {};
}

Nothing untag_group(LogsApi& api, UntagGroupRequest request) {
  remove_tags(api, api.store.get_group(request.group), request.keys);
  return {};
}

TagsResponse list_group_tags(LogsApi& api, TagRequest request) { return {api.store.get_group(request.group).tags}; }

}  // namespace

void check_tags(const Tags& tags) {
  std::vector<ecs::Tag> list;
  for (const auto& [key, value] : tags) list.push_back({key, value});
  ecs::validate_tags(list);
}

void add_tag_operations(Service& service, LogsApi& api) {
  service.add("TagResource", api, tag_resource);
  service.add("UntagResource", api, untag_resource);
  service.add("ListTagsForResource", api, list_tags);
  service.add("TagLogGroup", api, tag_group);
  service.add("UntagLogGroup", api, untag_group);
  service.add("ListTagsLogGroup", api, list_group_tags);
}

}  // namespace sockerless::cloud::logs
