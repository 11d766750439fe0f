#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cloud/front/api_error.h"
#include "cloud/front/paging.h"
#include "cloud/logs_api/group_types.h"
#include "cloud/logs_api/operations.h"
#include "cloud/logs_api/tag_types.h"

namespace sockerless::cloud::logs {
namespace {

constexpr int kMostDescribed = 50;

const std::set<int> kRetentions = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                   365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

std::size_t describe_limit(std::optional<int> wanted) {
  const int limit = wanted.value_or(kMostDescribed);
  if (limit < 1 || limit > kMostDescribed) {
    throw invalid_parameter("limit must be between 1 and 50.");
  }
  return static_cast<std::size_t>(limit);
}

Nothing create_group(LogsApi& api, CreateGroupRequest request) {
  check_tags(request.tags);
  api.store.create_group(request.group);
  if (!request.tags.empty()) api.store.set_tags(request.group, std::move(request.tags));
  return {};
}

Nothing delete_group(LogsApi& api, GroupRequest request) {
  api.store.delete_group(request.group);
  return {};
}

Nothing create_stream(LogsApi& api, StreamRequest request) {
  api.store.create_stream(request.group, request.stream);
  return {};
}

Nothing delete_stream(LogsApi& api, StreamRequest request) {
  api.store.delete_stream(request.group, request.stream);
  return {};
}

Nothing put_retention(LogsApi& api, PutRetentionRequest request) {
  api.store.get_group(request.group);
  if (!request.days || kRetentions.count(*request.days) == 0) {
    throw invalid_parameter(
        fmt::format("1 validation error detected: Value '{}' at 'retentionInDays' failed to satisfy "
                    "constraint: Member must satisfy enum value set: [{}]",
                    request.days.value_or(0), fmt::join(kRetentions, ", ")));
  }
  api.store.set_retention(request.group, request.days);
  return {};
}

Nothing delete_retention(LogsApi& api, GroupRequest request) {
  api.store.set_retention(request.group, std::nullopt);
  return {};
}

GroupDescription describe(const Group& group) {
  GroupDescription result;
  result.name = group.name;
  result.creation_time = group.created;
  result.retention_in_days = group.retention_in_days;
  result.arn = group.arn + ":*";
  result.group_arn = group.arn;
  for (const auto& [name, stream] : group.streams) result.stored_bytes += stream->file.content().bytes;
  return result;
}

DescribeGroupsResponse describe_groups(LogsApi& api, DescribeGroupsRequest request) {
  if (!request.prefix.empty() && !request.pattern.empty()) {
    throw invalid_parameter("logGroupNamePrefix and logGroupNamePattern are mutually exclusive.");
  }
  std::vector<std::string> names;
  for (const auto& [name, group] : api.store.groups()) {
    const bool wanted = starts_with(name, request.prefix) && name.find(request.pattern) != std::string::npos;
    if (wanted) names.push_back(name);
  }
  const Page page = page_of(names, request.next_token, describe_limit(request.limit));
  DescribeGroupsResponse response;
  for (const auto& name : page.items) response.groups.push_back(describe(api.store.get_group(name)));
  response.next_token = page.next_token;
  return response;
}

StreamDescription describe(const Stream& stream) {
  StreamDescription result;
  result.name = stream.name;
  result.creation_time = stream.created;
  result.first_event = stream.first_event;
  result.last_event = stream.last_event;
  result.last_ingestion = stream.last_ingestion;
  result.upload_sequence_token = fmt::format("{:056}", stream.file.content().events);
  result.arn = stream.arn;
  return result;
}

DescribeStreamsResponse describe_streams(LogsApi& api, DescribeStreamsRequest request) {
  const Group& group = api.store.get_group(request.group.empty() ? request.group_identifier : request.group);
  const bool by_time = request.order_by == "LastEventTime";
  if (by_time && !request.prefix.empty()) {
    throw invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  std::map<std::string, std::shared_ptr<Stream>> ordered;
  for (const auto& [name, stream] : group.streams) {
    if (!starts_with(name, request.prefix)) continue;
    const auto time = by_time ? fmt::format("{:020}", stream->last_event.value_or(0)) : "";
    ordered[time + name] = stream;
  }
  std::vector<std::string> keys;
  for (const auto& [key, stream] : ordered) keys.push_back(key);
  if (request.descending) std::reverse(keys.begin(), keys.end());

  const Page page = page_of(keys, request.next_token, describe_limit(request.limit), request.descending);
  DescribeStreamsResponse response;
  for (const auto& key : page.items) response.streams.push_back(describe(*ordered.at(key)));
  response.next_token = page.next_token;
  return response;
}

}  // namespace

void add_group_operations(Service& service, LogsApi& api) {
  service.add("CreateLogGroup", api, create_group);
  service.add("DeleteLogGroup", api, delete_group);
  service.add("DescribeLogGroups", api, describe_groups);
  service.add("PutRetentionPolicy", api, put_retention);
  service.add("DeleteRetentionPolicy", api, delete_retention);
  service.add("CreateLogStream", api, create_stream);
  service.add("DeleteLogStream", api, delete_stream);
  service.add("DescribeLogStreams", api, describe_streams);
}

}  // namespace sockerless::cloud::logs
