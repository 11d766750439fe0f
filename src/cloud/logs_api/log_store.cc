#include "cloud/logs_api/log_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

#include "base/log.h"
#include "cloud/front/api_error.h"

namespace sockerless::cloud::logs {
namespace {

const Logger log("logs");

constexpr std::size_t kLongestName = 512;
constexpr std::int64_t kExpiryPause = 10 * 60'000;  // ms
constexpr std::int64_t kRoomPause = 1000;           // ms, after there was none
constexpr std::int64_t kRoomPart = 10;              // that is made free
const std::string kGroups = "log_groups";
const std::string kStreams = "log_streams";

struct GroupRow {
  std::int64_t created = 0;
  std::optional<int> retention_in_days;
  std::map<std::string, std::string> tags;

  static constexpr auto fields() {
    return std::tuple{json::field("created", &GroupRow::created),
                      json::field("retentionInDays", &GroupRow::retention_in_days),
                      json::field("tags", &GroupRow::tags)};
  }
};

struct StreamRow {
  std::string group;
  std::string name;
  std::int64_t created = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("group", &StreamRow::group), json::field("name", &StreamRow::name),
                      json::field("created", &StreamRow::created)};
  }
};

std::string file_of(const std::string& key) { return key + ".events"; }

std::int64_t to_ms(Time time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

void check_group_name(const std::string& name) {
  const bool valid =
      !name.empty() && name.size() <= kLongestName && name.compare(0, 4, "aws/") != 0 &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view("._-/#").find(static_cast<char>(c)) != std::string_view::npos;
      });
  if (valid) return;
  throw invalid_parameter(
      fmt::format("1 validation error detected: Value '{}' at 'logGroupName' failed to satisfy "
                  "constraint: Member must satisfy regular expression pattern: "
                  "[\\.\\-_/#A-Za-z0-9]+",
                  name));
}

void check_stream_name(const std::string& name) {
  const bool valid = !name.empty() && name.size() <= kLongestName && name.find_first_of(":*") == std::string::npos;
  if (valid) return;
  throw invalid_parameter(
      fmt::format("1 validation error detected: Value '{}' at 'logStreamName' failed to satisfy "
                  "constraint: Member must satisfy regular expression pattern: [^:*]*",
                  name));
}

}  // namespace

LogStore::LogStore(Settings settings, Identity identity, Clock& clock, StateStore& state)
    : folder_(std::move(settings.folder)),
      lag_(std::move(settings.lag)),
      most_bytes_(settings.most_bytes),
      identity_(std::move(identity)),
      clock_(clock),
      state_(state) {
  std::filesystem::create_directories(folder_);
  load_groups();
  load_streams();
  remove_strange_files();
}

void LogStore::load_groups() {
  for (const auto& [name, document] : state_.load(kGroups)) {
    const auto row = read_row<GroupRow>(kGroups, name, document);
    Group& group = groups_[name];
    group.name = name;
    group.arn = identity_.arn("logs", "log-group:" + name);
    group.created = row.created;
    group.retention_in_days = row.retention_in_days;
    group.tags = row.tags;
  }
}

void LogStore::load_streams() {
  for (const auto& [key, document] : state_.load(kStreams)) {
    const auto row = read_row<StreamRow>(kStreams, key, document);
    next_file_ = std::max(next_file_, static_cast<std::int64_t>(std::stoll(key)) + 1);
    const auto group = groups_.find(row.group);
    if (group == groups_.end()) {
      state_.erase(kStreams, key);
      continue;
    }
    const auto stream = add_stream(group->second, key, row.name);
    stream->created = row.created;
    recover(*stream);
    bytes_ += stream->file.content().bytes;
    if (!is_expired(group->second, *stream)) continue;
    forget(*stream);
    group->second.streams.erase(row.name);
  }
}

void LogStore::recover(Stream& stream) {
  try {
    stream.file.recover([&](const Event& event) {
      stream.first_event = std::min(stream.first_event.value_or(event.timestamp), event.timestamp);
      stream.last_event = std::max(stream.last_event.value_or(event.timestamp), event.timestamp);
      stream.last_ingestion = event.ingestion_time;
      next_put_ = std::max(next_put_, event.put_id + 1);
    });
  } catch (const Error& error) {
    log.error("log events lost", {{"stream", stream.arn}, {"error", error.what()}});
  }
}

std::int64_t LogStore::kept_since_ms(const Group& group) const {
  constexpr std::int64_t kDay = 24 * 3'600'000;
  return group.retention_in_days ? now_ms() - *group.retention_in_days * kDay
                                 : std::numeric_limits<std::int64_t>::min();
}

bool LogStore::is_expired(const Group& group, const Stream& stream) const {
  return std::max(stream.created, stream.last_event.value_or(0)) < kept_since_ms(group);
}

// Now and then; until then readers leave out what has expired.
void LogStore::forget_expired() {
  if (now_ms() - expired_at_ms_ < kExpiryPause) return;
  expired_at_ms_ = now_ms();
  for (auto& [name, group] : groups_) {
    for (auto at = group.streams.begin(); at != group.streams.end();) {
      const auto stream = at->second;
      // One that a task writes to is held by it as well.
      const bool goes = is_expired(group, *stream) && stream.use_count() == 2;
      at = goes ? group.streams.erase(at) : std::next(at);
      if (goes) forget(*stream);
    }
  }
}

// Takes away more than is needed, so that this is rare.
void LogStore::make_room(const Stream& for_stream) {
  if (now_ms() - room_made_at_ms_ < kRoomPause) return;
  struct Silent {
    std::int64_t since;
    Group* group;
    std::string name;
  };
  std::vector<Silent> silent;
  for (auto& [name, group] : groups_) {
    for (const auto& [stream_name, stream] : group.streams) {
      if (stream.use_count() > 1 || stream.get() == &for_stream || stream->file.content().bytes == 0) continue;
      silent.push_back({stream->last_ingestion.value_or(stream->created), &group, stream_name});
    }
  }
  std::sort(silent.begin(), silent.end(), [](const Silent& l, const Silent& r) { return l.since < r.since; });
  for (const Silent& each : silent) {
    if (bytes_ <= most_bytes_ - most_bytes_ / kRoomPart) break;
    Stream& stream = *each.group->streams.at(each.name);
    log.warn("log stream dropped for want of space", {{"stream", stream.arn}, {"bytes", stream.file.content().bytes}});
    forget(stream);
    each.group->streams.erase(each.name);
  }
  if (bytes_ > most_bytes_) room_made_at_ms_ = now_ms();
}

// Files of streams that were deleted, or made, when the process was killed.
void LogStore::remove_strange_files() const {
  std::set<std::string> known;
  for (const auto& [name, group] : groups_) {
    for (const auto& [stream_name, stream] : group.streams) known.insert(file_of(stream->key));
  }
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (known.count(entry.path().filename().string()) == 0) std::filesystem::remove(entry.path(), error);
  }
}

void LogStore::create_group(const std::string& name) {
  check_group_name(name);
  const auto [at, is_new] = groups_.try_emplace(name);
  if (!is_new) {
    throw ApiError("ResourceAlreadyExistsException", "The specified log group already exists");
  }
  at->second.name = name;
  at->second.arn = identity_.arn("logs", "log-group:" + name);
  at->second.created = now_ms();
  save(at->second);
}

void LogStore::delete_group(const std::string& name) {
  Group& group = get_group(name);
  for (const auto& [stream_name, stream] : group.streams) forget(*stream);
  state_.erase(kGroups, group.name);
  groups_.erase(group.name);
}

void LogStore::set_tags(const std::string& name_or_arn, std::map<std::string, std::string> tags) {
  Group& group = get_group(name_or_arn);
  group.tags = std::move(tags);
  save(group);
}

void LogStore::set_retention(const std::string& name, std::optional<int> days) {
  Group& group = get_group(name);
  group.retention_in_days = days;
  save(group);
}

void LogStore::save(const Group& group) {
  state_.put(kGroups, group.name, json::to_text(GroupRow{group.created, group.retention_in_days, group.tags}));
}

Group& LogStore::get_group(const std::string& name_or_arn) {
  std::string name = name_or_arn;
  const std::string prefix = identity_.arn("logs", "log-group:");
  if (name.compare(0, prefix.size(), prefix) == 0) {
    name.erase(0, prefix.size());
    if (name.size() > 2 && name.compare(name.size() - 2, 2, ":*") == 0) name.resize(name.size() - 2);
  }
  const auto found = groups_.find(name);
  if (found == groups_.end()) throw resource_not_found("The specified log group does not exist.");
  return found->second;
}

std::shared_ptr<Stream> LogStore::create_stream(const std::string& group, const std::string& name) {
  check_stream_name(name);
  Group& owner = get_group(group);
  if (owner.streams.count(name) > 0) {
    throw ApiError("ResourceAlreadyExistsException", "The specified log stream already exists");
  }
  const auto stream = add_stream(owner, fmt::format("{:010}", next_file_++), name);
  stream->created = now_ms();
  state_.put(kStreams, stream->key, json::to_text(StreamRow{owner.name, name, stream->created}));
  return stream;
}

std::shared_ptr<Stream> LogStore::add_stream(Group& group, const std::string& key, const std::string& name) {
  const auto stream = std::make_shared<Stream>(folder_ + "/" + file_of(key));
  stream->key = key;
  stream->name = name;
  stream->arn = group.arn + ":log-stream:" + name;
  group.streams[name] = stream;
  return stream;
}

void LogStore::delete_stream(const std::string& group, const std::string& name) {
  forget(*get_stream(group, name));
  get_group(group).streams.erase(name);
}

void LogStore::forget(Stream& stream) {
  bytes_ -= stream.file.content().bytes;
  stream.is_forgotten = true;
  stream.file.remove();
  state_.erase(kStreams, stream.key);
}

std::shared_ptr<Stream> LogStore::get_stream(const std::string& group, const std::string& name) {
  const Group& owner = get_group(group);
  const auto found = owner.streams.find(name);
  if (found == owner.streams.end()) {
    throw resource_not_found("The specified log stream does not exist.");
  }
  return found->second;
}

void LogStore::append(Stream& stream, std::vector<InputEvent> events) {
  if (events.empty()) return;
  forget_expired();
  if (most_bytes_ > 0 && bytes_ > most_bytes_) make_room(stream);
  if (most_bytes_ > 0 && bytes_ > most_bytes_) {
    throw ApiError("ServiceUnavailableException",
                   fmt::format("The log streams that are being written occupy {} bytes, more than --log-limit", bytes_),
                   503);
  }
  const std::int64_t now = now_ms();
  std::vector<Event> records;
  records.reserve(events.size());
  for (InputEvent& event : events) {
    records.push_back({event.timestamp, now, next_put_++, std::move(event.message)});
  }
  const std::int64_t before = stream.file.content().bytes;
  stream.file.append(records);
  if (!stream.is_forgotten) bytes_ += stream.file.content().bytes - before;
  for (const Event& event : records) {
    stream.first_event = std::min(stream.first_event.value_or(event.timestamp), event.timestamp);
    stream.last_event = std::max(stream.last_event.value_or(event.timestamp), event.timestamp);
  }
  stream.last_ingestion = now;
}

std::int64_t LogStore::now_ms() const { return to_ms(clock_.now()); }

std::int64_t LogStore::visible_until_ms() const { return to_ms(lag_ ? clock_.now() - lag_() : clock_.now()); }

}  // namespace sockerless::cloud::logs
