#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "cloud/logs_api/event_types.h"
#include "cloud/logs_api/filter_pattern.h"
#include "cloud/logs_api/log_file.h"

// How events are read: pages of one stream, and a merged search over many.
namespace sockerless::cloud::logs {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

// Which events of a stream are wanted. Both ends of `from`…`until` belong to it.
struct EventRange {
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  std::int64_t until = kNoLimit;
  std::int64_t ingested_until = kNoLimit;
  std::size_t limit = 10'000;
  bool newest_first = false;  // for a search that begins
};

// Where in a stream a page begins: the number of an event, counted from 0.
struct Position {
  enum class Direction { forward, backward } direction = Direction::forward;
  std::int64_t number = 0;
};

std::string encode_position(Position position);
// nullopt for a text that is no token.
std::optional<Position> decode_position(const std::string& token);

struct EventPage {
  std::vector<OutputEvent> events;  // in stream order
  std::int64_t begin = 0;           // where a page before this one ends
  std::int64_t end = 0;             // where a page behind this one begins
};

// At most range.limit events and 1 MiB. A forward page ends before the first event that is not
// visible yet; a backward one ends at `position`.
EventPage read_page(const LogSnapshot& snapshot, Position position, EventRange range);

struct NamedSnapshot {
  std::string stream;
  LogSnapshot content;
};

// The events of all streams that match, ordered by time, ingestion and put or the other way round, from
// behind the event that `next_token` names, in its direction. Blocks: for a worker thread. Throws ApiError for a bad
// token.
FilterEventsResponse search(std::vector<NamedSnapshot> streams, FilterPattern pattern, EventRange range,
                            const std::string& next_token);

}  // namespace sockerless::cloud::logs
