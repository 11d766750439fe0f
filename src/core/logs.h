#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "core/backend.h"
#include "core/container_table.h"

namespace sockerless::core {

struct LogOptions {
  bool follow = false;
  std::optional<int> tail;  // only the last so many lines; nothing: all
  std::optional<Time> since;
  std::optional<Time> until;
};

// Reads a container's output back from the cloud, launch by launch. Of a container that has ended a
// moment ago it waits until the lines that the agent has counted are there; the cloud delivers
// them late. A cloud that is unavailable for less than a minute only delays the lines: who reads has
// had some of them already and could not ask for the rest.
class LogReader {
 public:
  LogReader(Clock& clock, Backend& backend, EntryPointer entry, LogOptions options);

  // The next line; nothing at the end.
  Awaitable<std::optional<LogEvent>> next();

  // Whether next() has something without waiting.
  bool has_ready() const { return !ready_.empty(); }

 private:
  Awaitable<void> load_tail();
  Awaitable<void> load_more();
  Awaitable<LogPage> read_page(std::string task);
  Awaitable<bool> wait_for_more(bool is_last_launch, Launch launch);
  bool is_past_until() const;
  bool is_wanted(const LogEvent& event) const;
  void accept(std::vector<LogEvent> events);

  Clock& clock_;
  Backend& backend_;
  EntryPointer entry_;
  LogOptions options_;
  std::deque<LogEvent> ready_;
  std::size_t launch_ = 0;  // which launch is being read
  std::string cursor_;      // within it
  std::int64_t read_of_launch_ = 0;
  std::optional<std::chrono::steady_clock::time_point> quiet_since_;
  std::optional<std::chrono::steady_clock::time_point> unavailable_since_;
  Clock::Duration settle_poll_;  // until the next look for late lines
  bool tail_loaded_ = false;
  bool ended_ = false;
};

}  // namespace sockerless::core
