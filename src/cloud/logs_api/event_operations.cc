#include <fmt/format.h>

#include <algorithm>

#include "cloud/front/api_error.h"
#include "cloud/logs_api/event_reader.h"
#include "cloud/logs_api/operations.h"

namespace sockerless::cloud::logs {
namespace {

constexpr int kMostEvents = 10'000;
constexpr std::size_t kMostBytes = 1'048'576;
constexpr std::size_t kEventOverhead = 26;
constexpr std::size_t kLongestPattern = 1024;
constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kNewestFirstSince = 1'704'067'200'000;  // 2024, as on AWS
constexpr std::int64_t kDay = 24 * kHour;

void check_batch(const std::vector<InputEvent>& events) {
  if (events.empty() || events.size() > kMostEvents) {
    throw invalid_parameter(
        "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member "
        "must have length between 1 and 10000");
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    bytes += events[i].message.size() + kEventOverhead;
    if (events[i].message.empty()) {
      throw invalid_parameter(
          fmt::format("1 validation error detected: Value '' at 'logEvents.{}.member.message' failed "
                      "to satisfy constraint: Member must have length greater than or equal to 1",
                      i + 1));
    }
    if (i > 0 && events[i].timestamp < events[i - 1].timestamp) {
      throw invalid_parameter("Log events in a single PutLogEvents request must be in chronological order.");
    }
  }
  if (bytes > kMostBytes) {
    throw invalid_parameter(fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, kMostBytes));
  }
  if (events.back().timestamp - events.front().timestamp > kDay) {
    throw invalid_parameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
}

// Takes out what is too old or too new; the batch is in the order of time.
std::optional<RejectedEvents> reject_untimely(std::vector<InputEvent>& events, std::int64_t now,
                                              std::optional<int> retention_in_days) {
  const auto first_at_least = [&](std::int64_t time) {
    return std::lower_bound(events.begin(), events.end(), time,
                            [](const InputEvent& e, std::int64_t t) { return e.timestamp < t; });
  };
  const auto too_new = first_at_least(now + 2 * kHour + 1);
  const auto too_old = first_at_least(now - 14 * kDay);
  const auto expired = retention_in_days ? first_at_least(now - *retention_in_days * kDay) : events.begin();
  RejectedEvents rejected;
  const auto index = [&](auto at) { return static_cast<int>(at - events.begin()); };
  if (too_new != events.end()) rejected.too_new_start = index(too_new);
  if (too_old != events.begin()) rejected.too_old_end = index(too_old);
  if (expired != events.begin()) rejected.expired_end = index(expired);
  if (!rejected.too_new_start && !rejected.too_old_end && !rejected.expired_end) return std::nullopt;
  events.erase(too_new, events.end());
  events.erase(events.begin(), std::min(std::max(too_old, expired), events.end()));
  return rejected;
}

PutEventsResponse put_events(LogsApi& api, PutEventsRequest request) {
  const Group& group = api.store.get_group(request.group);
  const auto stream = api.store.get_stream(request.group, request.stream);
  check_batch(request.events);
  PutEventsResponse response;
  response.rejected = reject_untimely(request.events, api.store.now_ms(), group.retention_in_days);
  api.store.append(*stream, std::move(request.events));
  stream->file.close();  // who sends by API rarely sends again soon
  response.next_sequence_token = fmt::format("{:056}", stream->file.content().events);
  return response;
}

std::size_t event_limit(std::optional<int> wanted) {
  const int limit = wanted.value_or(kMostEvents);
  if (limit < 1 || limit > kMostEvents) {
    throw invalid_parameter(
        fmt::format("1 validation error detected: Value '{}' at 'limit' failed to satisfy "
                    "constraint: Member must have value between 1 and 10000",
                    limit));
  }
  return static_cast<std::size_t>(limit);
}

const std::string& group_of(const std::string& name, const std::string& identifier) {
  if (name.empty() == identifier.empty()) {
    throw invalid_parameter("Specify either logGroupName or logGroupIdentifier.");
  }
  return name.empty() ? identifier : name;
}

GetEventsResponse get_events(LogsApi& api, GetEventsRequest request) {
  const std::string& group = group_of(request.group, request.group_identifier);
  const auto stream = api.store.get_stream(group, request.stream);
  const LogSnapshot& content = stream->file.content();
  EventRange range;
  range.limit = event_limit(request.limit);
  range.from = std::max(request.start_time.value_or(range.from), api.store.kept_since_ms(api.store.get_group(group)));
  // This operation leaves the end out, FilterLogEvents does not.
  if (request.end_time) range.until = *request.end_time - 1;
  if (api.store.has_lag()) range.ingested_until = api.store.visible_until_ms();

  Position position{Position::Direction::forward, 0};
  if (!request.next_token.empty()) {
    const auto given = decode_position(request.next_token);
    if (!given) throw invalid_parameter("The specified nextToken is invalid.");
    position = *given;
  } else if (!request.start_from_head) {
    position = {Position::Direction::backward, content.events};
  }
  EventPage page = read_page(content, position, range);
  return {std::move(page.events), encode_position({Position::Direction::forward, page.end}),
          encode_position({Position::Direction::backward, page.begin})};
}

std::vector<std::shared_ptr<Stream>> streams_of(Group& group, const FilterEventsRequest& request) {
  if (!request.stream_names.empty() && !request.stream_prefix.empty()) {
    throw invalid_parameter("logStreamNames and logStreamNamePrefix are mutually exclusive.");
  }
  std::vector<std::shared_ptr<Stream>> streams;
  for (const std::string& name : request.stream_names) {
    const auto found = group.streams.find(name);
    if (found == group.streams.end()) {
      throw resource_not_found("The specified log stream does not exist.");
    }
    streams.push_back(found->second);
  }
  if (!request.stream_names.empty()) return streams;
  for (const auto& [name, stream] : group.streams) {
    if (name.compare(0, request.stream_prefix.size(), request.stream_prefix) == 0) {
      streams.push_back(stream);
    }
  }
  return streams;
}

Awaitable<FilterEventsResponse> filter_events(LogsApi& api, FilterEventsRequest request) {
  Group& group = api.store.get_group(group_of(request.group, request.group_identifier));
  const bool newest_first = !request.start_from_head.value_or(true);
  if (newest_first && request.start_time.value_or(kNewestFirstSince) < kNewestFirstSince) {
    throw invalid_parameter("startFromHead can be false only when startTime is on or after 2024-01-01T00:00:00Z.");
  }
  if (request.pattern.size() > kLongestPattern) {
    throw invalid_parameter(
        "1 validation error detected: Value at 'filterPattern' failed to satisfy constraint: Member must have length "
        "less than or equal to 1024");
  }
  EventRange range;
  range.limit = event_limit(request.limit);
  range.from = std::max(request.start_time.value_or(range.from), api.store.kept_since_ms(group));
  range.until = request.end_time.value_or(range.until);
  range.newest_first = newest_first;
  if (api.store.has_lag()) range.ingested_until = api.store.visible_until_ms();

  // Held until the search is over, so that a deleted stream's file stays.
  const std::vector<std::shared_ptr<Stream>> streams = streams_of(group, request);
  std::vector<NamedSnapshot> snapshots;
  for (const auto& stream : streams) snapshots.push_back({stream->name, stream->file.content()});
  co_return co_await api.pool.run([snapshots = std::move(snapshots), pattern = FilterPattern(request.pattern), range,
                                   token = request.next_token] { return search(snapshots, pattern, range, token); });
}

}  // namespace

void add_event_operations(Service& service, LogsApi& api) {
  service.add("PutLogEvents", api, put_events);
  service.add("GetLogEvents", api, get_events);
  service.add("FilterLogEvents", api, filter_events);
}

Service make_service(LogsApi& api) {
  Service service("Logs_20140328", "logs");
  add_group_operations(service, api);
  add_event_operations(service, api);
  add_tag_operations(service, api);
  return service;
}

}  // namespace sockerless::cloud::logs
