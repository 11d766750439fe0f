#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aws/wire.h"

// Reading log events. Times are milliseconds since the epoch.
namespace sockerless::aws {

struct GetLogEventsRequest {
  std::string log_group_name;
  std::string log_stream_name;
  std::optional<std::int64_t> start_time;  // inclusive
  std::optional<std::int64_t> end_time;    // exclusive
  std::string next_token;
  std::optional<int> limit;  // 10,000 at most
  std::optional<bool> start_from_head;

  static constexpr auto fields() {
    return std::tuple{member("logGroupName", &GetLogEventsRequest::log_group_name),
                      member("logStreamName", &GetLogEventsRequest::log_stream_name),
                      member("startTime", &GetLogEventsRequest::start_time),
                      member("endTime", &GetLogEventsRequest::end_time),
                      member("nextToken", &GetLogEventsRequest::next_token),
                      member("limit", &GetLogEventsRequest::limit),
                      member("startFromHead", &GetLogEventsRequest::start_from_head)};
  }
};

struct OutputLogEvent {
  std::int64_t timestamp = 0;
  std::string message;
  std::int64_t ingestion_time = 0;

  static constexpr auto fields() {
    return std::tuple{member("timestamp", &OutputLogEvent::timestamp), member("message", &OutputLogEvent::message),
                      member("ingestionTime", &OutputLogEvent::ingestion_time)};
  }
};

struct GetLogEventsResponse {
  std::vector<OutputLogEvent> events;
  std::string next_forward_token;  // equal to the one passed in: the end, for now
  std::string next_backward_token;

  static constexpr auto fields() {
    return std::tuple{member("events", &GetLogEventsResponse::events),
                      member("nextForwardToken", &GetLogEventsResponse::next_forward_token),
                      member("nextBackwardToken", &GetLogEventsResponse::next_backward_token)};
  }
};

struct FilterLogEventsRequest {
  std::string log_group_name;
  std::vector<std::string> log_stream_names;  // or a prefix, never both
  std::string log_stream_name_prefix;
  std::optional<std::int64_t> start_time;  // inclusive
  std::optional<std::int64_t> end_time;    // inclusive
  std::string filter_pattern;
  std::string next_token;
  std::optional<int> limit;

  static constexpr auto fields() {
    return std::tuple{member("logGroupName", &FilterLogEventsRequest::log_group_name),
                      member("logStreamNames", &FilterLogEventsRequest::log_stream_names),
                      member("logStreamNamePrefix", &FilterLogEventsRequest::log_stream_name_prefix),
                      member("startTime", &FilterLogEventsRequest::start_time),
                      member("endTime", &FilterLogEventsRequest::end_time),
                      member("filterPattern", &FilterLogEventsRequest::filter_pattern),
                      member("nextToken", &FilterLogEventsRequest::next_token),
                      member("limit", &FilterLogEventsRequest::limit)};
  }
};

struct FilteredLogEvent {
  std::string log_stream_name;
  std::int64_t timestamp = 0;
  std::string message;
  std::int64_t ingestion_time = 0;
  std::string event_id;

  static constexpr auto fields() {
    return std::tuple{member("logStreamName", &FilteredLogEvent::log_stream_name),
                      member("timestamp", &FilteredLogEvent::timestamp), member("message", &FilteredLogEvent::message),
                      member("ingestionTime", &FilteredLogEvent::ingestion_time),
                      member("eventId", &FilteredLogEvent::event_id)};
  }
};

struct FilterLogEventsResponse {
  std::vector<FilteredLogEvent> events;
  std::string next_token;  // absent: the end; a page may be empty without being the last

  static constexpr auto fields() {
    return std::tuple{member("events", &FilterLogEventsResponse::events),
                      member("nextToken", &FilterLogEventsResponse::next_token)};
  }
};

}  // namespace sockerless::aws
