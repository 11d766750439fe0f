#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cloud/logs_api/event_types.h"

namespace sockerless::cloud::logs {

struct CreateGroupRequest {
  std::string group;
  std::map<std::string, std::string> tags;

  static constexpr auto fields() {
    return std::tuple{json::field("logGroupName", &CreateGroupRequest::group),
                      json::field("tags", &CreateGroupRequest::tags)};
  }
};

struct GroupRequest {
  std::string group;

  static constexpr auto fields() { return std::tuple{json::field("logGroupName", &GroupRequest::group)}; }
};

struct StreamRequest {
  std::string group;
  std::string stream;

  static constexpr auto fields() {
    return std::tuple{json::field("logGroupName", &StreamRequest::group),
                      json::field("logStreamName", &StreamRequest::stream)};
  }
};

struct PutRetentionRequest {
  std::string group;
  std::optional<int> days;

  static constexpr auto fields() {
    return std::tuple{json::field("logGroupName", &PutRetentionRequest::group),
                      json::field("retentionInDays", &PutRetentionRequest::days)};
  }
};

struct DescribeGroupsRequest {
  std::string prefix;
  std::string pattern;
  std::string next_token;
  std::optional<int> limit;

  static constexpr auto fields() {
    return std::tuple{json::field("logGroupNamePrefix", &DescribeGroupsRequest::prefix),
                      json::field("logGroupNamePattern", &DescribeGroupsRequest::pattern),
                      json::field("nextToken", &DescribeGroupsRequest::next_token),
                      json::field("limit", &DescribeGroupsRequest::limit)};
  }
};

struct GroupDescription {
  std::string name;
  std::int64_t creation_time = 0;
  std::optional<int> retention_in_days;
  int metric_filter_count = 0;
  std::string arn;
  std::int64_t stored_bytes = 0;
  std::string log_group_class = "STANDARD";
  std::string group_arn;  // without ":*"

  static constexpr auto fields() {
    using Self = GroupDescription;
    return std::tuple{json::field("logGroupName", &Self::name),
                      json::field("creationTime", &Self::creation_time),
                      json::field("retentionInDays", &Self::retention_in_days, kOmit),
                      json::field("metricFilterCount", &Self::metric_filter_count),
                      json::field("arn", &Self::arn),
                      json::field("storedBytes", &Self::stored_bytes),
                      json::field("logGroupClass", &Self::log_group_class),
                      json::field("logGroupArn", &Self::group_arn)};
  }
};

struct DescribeGroupsResponse {
  std::vector<GroupDescription> groups;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{json::field("logGroups", &DescribeGroupsResponse::groups),
                      json::field("nextToken", &DescribeGroupsResponse::next_token, kOmit)};
  }
};

struct DescribeStreamsRequest {
  std::string group;
  std::string group_identifier;
  std::string prefix;
  std::string order_by;
  bool descending = false;
  std::string next_token;
  std::optional<int> limit;

  static constexpr auto fields() {
    using Self = DescribeStreamsRequest;
    return std::tuple{json::field("logGroupName", &Self::group),
                      json::field("logGroupIdentifier", &Self::group_identifier),
                      json::field("logStreamNamePrefix", &Self::prefix),
                      json::field("orderBy", &Self::order_by),
                      json::field("descending", &Self::descending),
                      json::field("nextToken", &Self::next_token),
                      json::field("limit", &Self::limit)};
  }
};

struct StreamDescription {
  std::string name;
  std::int64_t creation_time = 0;
  std::optional<std::int64_t> first_event;
  std::optional<std::int64_t> last_event;
  std::optional<std::int64_t> last_ingestion;
  std::string upload_sequence_token;
  std::string arn;
  std::int64_t stored_bytes = 0;

  static constexpr auto fields() {
    using Self = StreamDescription;
    return std::tuple{json::field("logStreamName", &Self::name),
                      json::field("creationTime", &Self::creation_time),
                      json::field("firstEventTimestamp", &Self::first_event, kOmit),
                      json::field("lastEventTimestamp", &Self::last_event, kOmit),
                      json::field("lastIngestionTime", &Self::last_ingestion, kOmit),
                      json::field("uploadSequenceToken", &Self::upload_sequence_token),
                      json::field("arn", &Self::arn),
                      json::field("storedBytes", &Self::stored_bytes)};
  }
};

struct DescribeStreamsResponse {
  std::vector<StreamDescription> streams;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{json::field("logStreams", &DescribeStreamsResponse::streams),
                      json::field("nextToken", &DescribeStreamsResponse::next_token, kOmit)};
  }
};

}  // namespace sockerless::cloud::logs
