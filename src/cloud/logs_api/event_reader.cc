#include "cloud/logs_api/event_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "cloud/front/api_error.h"

namespace sockerless::cloud::logs {
namespace {

constexpr std::size_t kPageBytes = 1024 * 1024;
constexpr std::size_t kEventOverhead = 26;  // what an event counts beside its message

std::size_t size_of(const std::string& message) { return message.size() + kEventOverhead; }

bool is_wanted(const Event& event, const EventRange& range) {
  return event.timestamp >= range.from && event.timestamp <= range.until;
}

bool may_hold_wanted(const Block& block, const EventRange& range) {
  return block.greatest_timestamp >= range.from && block.least_timestamp <= range.until;
}

std::int64_t end_of_block(const LogSnapshot& snapshot, std::size_t block) {
  return block + 1 < snapshot.blocks.size() ? snapshot.blocks[block + 1].first : snapshot.events;
}

// The block that holds the event with this number; the number of blocks behind the last event.
std::size_t block_of(const LogSnapshot& snapshot, std::int64_t number) {
  if (number >= snapshot.events) return snapshot.blocks.size();
  const auto behind = std::upper_bound(snapshot.blocks.begin(), snapshot.blocks.end(), number,
                                       [](std::int64_t value, const Block& block) { return value < block.first; });
  return static_cast<std::size_t>(behind - snapshot.blocks.begin()) - 1;
}

OutputEvent to_output(Event event) { return {event.timestamp, std::move(event.message), event.ingestion_time}; }

EventPage read_forward(const LogSnapshot& snapshot, std::int64_t begin, const EventRange& range) {
  EventPage page;
  page.begin = page.end = std::min(begin, snapshot.events);
  std::size_t bytes = 0;
  bool is_full = false;
  for (auto block = block_of(snapshot, page.end); block < snapshot.blocks.size() && !is_full; ++block) {
    if (!may_hold_wanted(snapshot.blocks[block], range) && range.ingested_until == kNoLimit) {
      page.end = end_of_block(snapshot, block);
      continue;
    }
    read_block(snapshot, block, [&](std::int64_t number, Event event) {
      if (number < page.end) return true;
      if (event.ingestion_time > range.ingested_until) {
        is_full = true;
      } else if (is_wanted(event, range)) {
        bytes += size_of(event.message);
        is_full = page.events.size() == range.limit || (bytes > kPageBytes && !page.events.empty());
        if (!is_full) page.events.push_back(to_output(std::move(event)));
      }
      if (!is_full) page.end = number + 1;
      return !is_full;
    });
  }
  return page;
}

EventPage read_backward(const LogSnapshot& snapshot, std::int64_t end, const EventRange& range) {
  EventPage page;
  page.begin = page.end = std::min(end, snapshot.events);
  std::size_t bytes = 0;
  bool is_full = false;
  std::vector<OutputEvent> newest_first;
  for (auto block = block_of(snapshot, page.end - 1) + 1; block > 0 && !is_full && newest_first.size() < range.limit;
       --block) {
    if (!may_hold_wanted(snapshot.blocks[block - 1], range)) {
      page.begin = snapshot.blocks[block - 1].first;
      continue;
    }
    std::vector<std::pair<std::int64_t, Event>> found;
    read_block(snapshot, block - 1, [&](std::int64_t number, Event event) {
      if (number >= page.end) return false;
      if (event.ingestion_time > range.ingested_until) {
        page.end = number;  // everything behind it is not visible either
        return false;
      }
      if (is_wanted(event, range)) found.emplace_back(number, std::move(event));
      return true;
    });
    for (auto item = found.rbegin(); item != found.rend() && !is_full; ++item) {
      bytes += size_of(item->second.message);
      is_full = newest_first.size() == range.limit || (bytes > kPageBytes && !newest_first.empty());
      if (is_full) break;
      page.begin = item->first;
      newest_first.push_back(to_output(std::move(item->second)));
    }
    if (!is_full && newest_first.size() < range.limit) page.begin = snapshot.blocks[block - 1].first;
  }
  page.events.assign(std::make_move_iterator(newest_first.rbegin()), std::make_move_iterator(newest_first.rend()));
  page.begin = std::min(page.begin, page.end);
  return page;
}

// Where an event stands in a search over many streams.
using Key = std::pair<std::int64_t, std::int64_t>;  // timestamp, put id

std::string encode_key(Key key) { return fmt::format("{:020}{:036}", key.first, key.second); }

Key decode_key(const std::string& token) {
  Key key;
  const char* begin = token.data();
  const bool plausible = token.size() == 56 && token.find_first_not_of("0123456789") == std::string::npos &&
                         std::from_chars(begin, begin + 20, key.first).ec == std::errc{} &&
                         std::from_chars(begin + 20, begin + 56, key.second).ec == std::errc{};
  if (!plausible) throw invalid_parameter("The specified nextToken is invalid.");
  return key;
}

// Which of two events comes first in the answer.
struct Order {
  bool newest_first = false;

  bool operator()(const Key& left, const Key& right) const { return newest_first ? right < left : left < right; }
};

// Where a search goes on. A token says the direction, too, which then counts.
struct Continuation {
  Order order;
  std::optional<Key> behind;
};

constexpr std::string_view kBackward = "b/";

Continuation decode_token(const std::string& token, bool newest_first) {
  if (token.empty()) return {{newest_first}, std::nullopt};
  const bool is_backward = token.compare(0, kBackward.size(), kBackward) == 0;
  return {{is_backward}, decode_key(is_backward ? token.substr(kBackward.size()) : token)};
}

// The first keys that fit into a page. What is dropped once stays dropped, and so does
// everything behind it: the page is a prefix of all that matches.
class Page {
 public:
  Page(std::size_t limit, Order order) : limit_(limit), order_(order), events_(order) {}

  bool is_beyond(const Block& block) const {
    if (!bound_) return false;
    return order_.newest_first ? block.greatest_timestamp < bound_->first : block.least_timestamp > bound_->first;
  }

  void add(Key key, const std::string& stream, Event event) {
    if (bound_ && !order_(key, *bound_)) return;
    bytes_ += size_of(event.message);
    events_[key] = {stream, event.timestamp, std::move(event.message), event.ingestion_time, encode_key(key)};
    while (events_.size() > limit_ || (bytes_ > kPageBytes && events_.size() > 1)) {
      const auto last = std::prev(events_.end());
      bytes_ -= size_of(last->second.message);
      bound_ = last->first;
      events_.erase(last);
    }
  }

  FilterEventsResponse take() {
    FilterEventsResponse response;
    for (auto& [key, event] : events_) response.events.push_back(std::move(event));
    if (!bound_) return response;
    const std::string& last = response.events.back().event_id;
    response.next_token = order_.newest_first ? std::string(kBackward) + last : last;
    return response;
  }

 private:
  std::size_t limit_;
  Order order_;
  std::size_t bytes_ = 0;
  std::map<Key, FilteredEvent, Order> events_;
  std::optional<Key> bound_;
};

}  // namespace

std::string encode_position(Position position) {
  const bool forward = position.direction == Position::Direction::forward;
  return fmt::format("{}/{:056}/s", forward ? 'f' : 'b', position.number);
}

std::optional<Position> decode_position(const std::string& token) {
  if (token.size() != 60 || (token[0] != 'f' && token[0] != 'b') || token[1] != '/' ||
      token.compare(58, 2, "/s") != 0 || token.find_first_not_of("0123456789", 2) != 58) {
    return std::nullopt;
  }
  Position position;
  if (token[0] == 'b') position.direction = Position::Direction::backward;
  const auto parsed = std::from_chars(token.data() + 2, token.data() + 58, position.number);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return position;
}

EventPage read_page(const LogSnapshot& snapshot, Position position, EventRange range) {
  return position.direction == Position::Direction::forward ? read_forward(snapshot, position.number, range)
                                                            : read_backward(snapshot, position.number, range);
}

FilterEventsResponse search(std::vector<NamedSnapshot> streams, FilterPattern pattern, EventRange range,
                            const std::string& next_token) {
  const auto [order, behind] = decode_token(next_token, range.newest_first);
  if (behind && order.newest_first) range.until = std::min(range.until, behind->first);
  if (behind && !order.newest_first) range.from = std::max(range.from, behind->first);
  const auto follows = [&order = order, &behind = behind](const Key& key) { return !behind || order(*behind, key); };
  Page page(range.limit, order);
  for (const NamedSnapshot& stream : streams) {
    for (std::size_t block = 0; block < stream.content.blocks.size(); ++block) {
      const Block& summary = stream.content.blocks[block];
      if (!may_hold_wanted(summary, range) || page.is_beyond(summary)) continue;
      read_block(stream.content, block, [&](std::int64_t, Event event) {
        const Key key{event.timestamp, event.put_id};
        const bool wanted = is_wanted(event, range) && event.ingestion_time <= range.ingested_until && follows(key) &&
                            pattern.matches(event.message);
        if (wanted) page.add(key, stream.stream, std::move(event));
        return true;
      });
    }
  }
  return page.take();
}

}  // namespace sockerless::cloud::logs
