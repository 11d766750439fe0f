#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

// Requests and responses of CloudWatch Logs. Times are milliseconds since the epoch.
namespace sockerless::cloud::logs {

constexpr auto kOmit = json::Emit::omit_empty;

struct InputEvent {
  std::int64_t timestamp = 0;
  std::string message;

  static constexpr auto fields() {
    return std::tuple{json::field("timestamp", &InputEvent::timestamp), json::field("message", &InputEvent::message)};
  }
};

struct OutputEvent {
  std::int64_t timestamp = 0;
  std::string message;
  std::int64_t ingestion_time = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("timestamp", &OutputEvent::timestamp), json::field("message", &OutputEvent::message),
                      json::field("ingestionTime", &OutputEvent::ingestion_time)};
  }
};

struct PutEventsRequest {
  std::string group;
  std::string stream;
  std::vector<InputEvent> events;

  static constexpr auto fields() {
    return std::tuple{json::field("logGroupName", &PutEventsRequest::group),
                      json::field("logStreamName", &PutEventsRequest::stream),
                      json::field("logEvents", &PutEventsRequest::events)};
  }
};

struct RejectedEvents {
  std::optional<int> too_new_start;
  std::optional<int> too_old_end;
  std::optional<int> expired_end;

  static constexpr auto fields() {
    return std::tuple{json::field("tooNewLogEventStartIndex", &RejectedEvents::too_new_start, kOmit),
                      json::field("tooOldLogEventEndIndex", &RejectedEvents::too_old_end, kOmit),
                      json::field("expiredLogEventEndIndex", &RejectedEvents::expired_end, kOmit)};
  }
};

struct PutEventsResponse {
  std::string next_sequence_token;
  std::optional<RejectedEvents> rejected;

  static constexpr auto fields() {
    return std::tuple{json::field("nextSequenceToken", &PutEventsResponse::next_sequence_token),
                      json::field("rejectedLogEventsInfo", &PutEventsResponse::rejected, kOmit)};
  }
};

struct GetEventsRequest {
  std::string group;
  std::string group_identifier;
  std::string stream;
  std::optional<std::int64_t> start_time;
  std::optional<std::int64_t> end_time;
  std::string next_token;
  std::optional<int> limit;
  bool start_from_head = false;

  static constexpr auto fields() {
    using Self = GetEventsRequest;
    return std::tuple{
        json::field("logGroupName", &Self::group),   json::field("logGroupIdentifier", &Self::group_identifier),
        json::field("logStreamName", &Self::stream), json::field("startTime", &Self::start_time),
        json::field("endTime", &Self::end_time),     json::field("nextToken", &Self::next_token),
        json::field("limit", &Self::limit),          json::field("startFromHead", &Self::start_from_head)};
  }
};

struct GetEventsResponse {
  std::vector<OutputEvent> events;
  std::string next_forward_token;
  std::string next_backward_token;

  static constexpr auto fields() {
    using Self = GetEventsResponse;
    return std::tuple{json::field("events", &Self::events), json::field("nextForwardToken", &Self::next_forward_token),
                      json::field("nextBackwardToken", &Self::next_backward_token)};
  }
};

struct FilterEventsRequest {
  std::string group;
  std::string group_identifier;
  std::vector<std::string> stream_names;
  std::string stream_prefix;
  std::optional<std::int64_t> start_time;
  std::optional<std::int64_t> end_time;
  std::string pattern;
  std::string next_token;
  std::optional<int> limit;
  std::optional<bool> start_from_head;

  static constexpr auto fields() {
    using Self = FilterEventsRequest;
    return std::tuple{json::field("logGroupName", &Self::group),
                      json::field("logGroupIdentifier", &Self::group_identifier),
                      json::field("logStreamNames", &Self::stream_names),
                      json::field("logStreamNamePrefix", &Self::stream_prefix),
                      json::field("startTime", &Self::start_time),
                      json::field("endTime", &Self::end_time),
                      json::field("filterPattern", &Self::pattern),
                      json::field("nextToken", &Self::next_token),
                      json::field("limit", &Self::limit),
                      json::field("startFromHead", &Self::start_from_head)};
  }
};

struct FilteredEvent {
  std::string stream;
  std::int64_t timestamp = 0;
  std::string message;
  std::int64_t ingestion_time = 0;
  std::string event_id;

  static constexpr auto fields() {
    return std::tuple{
        json::field("logStreamName", &FilteredEvent::stream), json::field("timestamp", &FilteredEvent::timestamp),
        json::field("message", &FilteredEvent::message), json::field("ingestionTime", &FilteredEvent::ingestion_time),
        json::field("eventId", &FilteredEvent::event_id)};
  }
};

struct FilterEventsResponse {
  std::vector<FilteredEvent> events;
  std::vector<json::Value> searched_streams;  // always empty nowadays
  std::string next_token;

  static constexpr auto fields() {
    using Self = FilterEventsResponse;
    return std::tuple{json::field("events", &Self::events), json::field("searchedLogStreams", &Self::searched_streams),
                      json::field("nextToken", &Self::next_token, kOmit)};
  }
};

}  // namespace sockerless::cloud::logs
