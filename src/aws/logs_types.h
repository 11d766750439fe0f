#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aws/logs_events.h"
#include "aws/wire.h"

// Log groups and streams. Times are milliseconds since the epoch.
namespace sockerless::aws {

struct CreateLogGroupRequest {
  std::string log_group_name;
  std::map<std::string, std::string> tags;

  static constexpr auto fields() {
    return std::tuple{member("logGroupName", &CreateLogGroupRequest::log_group_name),
                      member("tags", &CreateLogGroupRequest::tags)};
  }
};

struct CreateLogGroupResponse {
  static constexpr auto fields() { return std::tuple{}; }
};

struct DescribeLogGroupsRequest {
  std::string log_group_name_prefix;
  std::string next_token;
  std::optional<int> limit;

  static constexpr auto fields() {
    return std::tuple{member("logGroupNamePrefix", &DescribeLogGroupsRequest::log_group_name_prefix),
                      member("nextToken", &DescribeLogGroupsRequest::next_token),
                      member("limit", &DescribeLogGroupsRequest::limit)};
  }
};

struct LogGroup {
  std::string log_group_name;
  std::string arn;
  std::int64_t creation_time = 0;
  std::optional<int> retention_in_days;
  std::int64_t stored_bytes = 0;

  static constexpr auto fields() {
    return std::tuple{member("logGroupName", &LogGroup::log_group_name), member("arn", &LogGroup::arn),
                      member("creationTime", &LogGroup::creation_time),
                      member("retentionInDays", &LogGroup::retention_in_days),
                      member("storedBytes", &LogGroup::stored_bytes)};
  }
};

struct DescribeLogGroupsResponse {
  std::vector<LogGroup> log_groups;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{member("logGroups", &DescribeLogGroupsResponse::log_groups),
                      member("nextToken", &DescribeLogGroupsResponse::next_token)};
  }
};

struct DescribeLogStreamsRequest {
  std::string log_group_name;
  std::string log_stream_name_prefix;
  std::string next_token;
  std::optional<int> limit;

  static constexpr auto fields() {
    return std::tuple{member("logGroupName", &DescribeLogStreamsRequest::log_group_name),
                      member("logStreamNamePrefix", &DescribeLogStreamsRequest::log_stream_name_prefix),
                      member("nextToken", &DescribeLogStreamsRequest::next_token),
                      member("limit", &DescribeLogStreamsRequest::limit)};
  }
};

struct LogStream {
  std::string log_stream_name;
  std::string arn;
  std::int64_t creation_time = 0;
  std::optional<std::int64_t> first_event_timestamp;
  std::optional<std::int64_t> last_event_timestamp;
  std::optional<std::int64_t> last_ingestion_time;

  static constexpr auto fields() {
    return std::tuple{member("logStreamName", &LogStream::log_stream_name),
                      member("arn", &LogStream::arn),
                      member("creationTime", &LogStream::creation_time),
                      member("firstEventTimestamp", &LogStream::first_event_timestamp),
                      member("lastEventTimestamp", &LogStream::last_event_timestamp),
                      member("lastIngestionTime", &LogStream::last_ingestion_time)};
  }
};

struct DescribeLogStreamsResponse {
  std::vector<LogStream> log_streams;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{member("logStreams", &DescribeLogStreamsResponse::log_streams),
                      member("nextToken", &DescribeLogStreamsResponse::next_token)};
  }
};

struct PutRetentionPolicyRequest {
  std::string log_group_name;
  int retention_in_days = 0;

  static constexpr auto fields() {
    return std::tuple{member("logGroupName", &PutRetentionPolicyRequest::log_group_name),
                      member("retentionInDays", &PutRetentionPolicyRequest::retention_in_days)};
  }
};

struct PutRetentionPolicyResponse {
  static constexpr auto fields() { return std::tuple{}; }
};

}  // namespace sockerless::aws
