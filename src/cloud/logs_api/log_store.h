#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cloud/front/identity.h"
#include "cloud/logs_api/event_types.h"
#include "cloud/logs_api/log_file.h"
#include "cloud/state/state_store.h"

namespace sockerless::cloud::logs {

struct Stream {
  explicit Stream(std::string path) : file(std::move(path)) {}

  std::string key;  // in the state, and its file's name
  std::string name;
  std::string arn;
  std::int64_t created = 0;
  std::optional<std::int64_t> first_event;
  std::optional<std::int64_t> last_event;
  std::optional<std::int64_t> last_ingestion;
  LogFile file;
  bool is_forgotten = false;  // but somebody still writes to it
};

struct Group {
  std::string name;
  std::string arn;  // without ":*"
  std::int64_t created = 0;
  std::optional<int> retention_in_days;
  std::map<std::string, std::string> tags;
  // Shared with whoever writes to a stream while it is deleted.
  std::map<std::string, std::shared_ptr<Stream>> streams;
};

// Log groups and their streams. Groups and streams are kept in the state, events in files below
// the folder, one for each stream; in memory are their names and where to look. Streams go when the retention of
// their group is over, and beyond the limit on all files, those that nobody writes to, the longest silent first.
// Lives on the loop.
class LogStore {
 public:
  // How long events take to become visible to readers; not set: no time.
  using Lag = std::function<Clock::Duration()>;

  struct Settings {
    std::string folder;
    Lag lag;
    std::int64_t most_bytes = 0;  // of all events; 0: any number
  };

  // Finds what an earlier process had, which takes as long as reading the files once.
  LogStore(Settings settings, Identity identity, Clock& clock, StateStore& state);
  LogStore(const LogStore&) = delete;
  LogStore& operator=(const LogStore&) = delete;

  // All throw ApiError with Logs' own codes and texts.
  void create_group(const std::string& name);
  void delete_group(const std::string& name);
  void set_tags(const std::string& name_or_arn, std::map<std::string, std::string> tags);
  void set_retention(const std::string& name, std::optional<int> days);
  Group& get_group(const std::string& name_or_arn);
  bool has_group(const std::string& name) const { return groups_.count(name) > 0; }
  std::shared_ptr<Stream> create_stream(const std::string& group, const std::string& name);
  void delete_stream(const std::string& group, const std::string& name);
  std::shared_ptr<Stream> get_stream(const std::string& group, const std::string& name);

  // Events are as valid as they look; see put_events for what the API refuses. Throws
  // ApiError(ServiceUnavailableException) if they do not fit beside the streams that are being written.
  void append(Stream& stream, std::vector<InputEvent> events);

  const std::map<std::string, Group>& groups() const { return groups_; }
  std::int64_t now_ms() const;
  // Events of the group from before this moment have expired.
  std::int64_t kept_since_ms(const Group& group) const;
  bool has_lag() const { return lag_ && lag_() > Clock::Duration::zero(); }
  // Events that came after this moment are not shown yet.
  std::int64_t visible_until_ms() const;

 private:
  void load_groups();
  void load_streams();
  void recover(Stream& stream);
  bool is_expired(const Group& group, const Stream& stream) const;
  void remove_strange_files() const;
  std::shared_ptr<Stream> add_stream(Group& group, const std::string& key, const std::string& name);
  void forget(Stream& stream);
  void forget_expired();
  void make_room(const Stream& for_stream);
  void save(const Group& group);

  std::string folder_;
  Lag lag_;
  std::int64_t most_bytes_;
  Identity identity_;
  Clock& clock_;
  StateStore& state_;
  std::map<std::string, Group> groups_;
  std::int64_t next_file_ = 0;
  std::int64_t next_put_ = 0;
  std::int64_t bytes_ = 0;            // of all streams
  std::int64_t expired_at_ms_ = 0;    // when forget_expired() looked
  std::int64_t room_made_at_ms_ = 0;  // when make_room() found too little
};

}  // namespace sockerless::cloud::logs
