#include "cloud/logs_api/log_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cloud/front/api_error.h"

namespace sockerless::cloud::logs {
namespace {

constexpr std::size_t kLongestName = 512;

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

LogStore::LogStore(std::string folder, Identity identity, Clock& clock, Lag lag)
    : folder_(std::move(folder)), identity_(std::move(identity)), clock_(clock), lag_(std::move(lag)) {
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
}

LogStore::~LogStore() {
  groups_.clear();
  std::error_code ignored;  // at the next start it is emptied anyway
  std::filesystem::remove_all(folder_, ignored);
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
}

void LogStore::delete_group(const std::string& name) { groups_.erase(get_group(name).name); }

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
  auto& stream = owner.streams[name];
  if (stream) {
    throw ApiError("ResourceAlreadyExistsException", "The specified log stream already exists");
  }
  stream = std::make_shared<Stream>(fmt::format("{}/{}.events", folder_, next_file_++));
  stream->name = name;
  stream->arn = owner.arn + ":log-stream:" + name;
  stream->created = now_ms();
  return stream;
}

void LogStore::delete_stream(const std::string& group, const std::string& name) {
  get_stream(group, name);
  get_group(group).streams.erase(name);
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
  const std::int64_t now = now_ms();
  std::vector<Event> records;
  records.reserve(events.size());
  for (InputEvent& event : events) {
    records.push_back({event.timestamp, now, next_put_++, std::move(event.message)});
  }
  stream.file.append(records);
  for (const Event& event : records) {
    stream.first_event = std::min(stream.first_event.value_or(event.timestamp), event.timestamp);
    stream.last_event = std::max(stream.last_event.value_or(event.timestamp), event.timestamp);
  }
  stream.last_ingestion = now;
}

std::int64_t LogStore::now_ms() const { return to_ms(clock_.now()); }

std::int64_t LogStore::visible_until_ms() const { return to_ms(lag_ ? clock_.now() - lag_() : clock_.now()); }

}  // namespace sockerless::cloud::logs
