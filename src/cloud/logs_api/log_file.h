#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::cloud::logs {

struct Event {
  std::int64_t timestamp = 0;       // ms
  std::int64_t ingestion_time = 0;  // ms
  std::int64_t put_id = 0;          // counts up over all streams
  std::string message;
};

// Where events stand in a file and when they happened, for every few hundred of them. A copy of
// the blocks and the path is a snapshot that any thread may read while the file grows.
struct Block {
  std::int64_t offset = 0;
  std::int64_t first = 0;  // number of the block's first event
  std::int64_t least_timestamp = 0;
  std::int64_t greatest_timestamp = 0;
};

struct LogSnapshot {
  std::string path;
  std::vector<Block> blocks;
  std::int64_t bytes = 0;
  std::int64_t events = 0;
};

// Calls `receive` with the events of a block, numbered from 0 in the whole file, until it answers
// false. Throws Error(internal) when the file can't be read.
using Receive = std::function<bool(std::int64_t number, Event event)>;
void read_block(const LogSnapshot& snapshot, std::size_t block, const Receive& receive);

// The events of one stream in the order in which they came, in a file of their own that is only
// appended to. Memory: one Block for every 256 events. Writes land in the page cache, where they
// survive the cloud; nothing is synced, so they need not survive the machine.
class LogFile {
 public:
  explicit LogFile(std::string path) { content_.path = std::move(path); }
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // Takes over what an earlier process has written, up to the last whole record, and calls `receive`
  // with the heads of all events (their messages are empty). Blocks. Throws Error(internal).
  void recover(const std::function<void(const Event&)>& receive);

  // The file goes once nobody reads it any more.
  void remove() { is_removed_ = true; }

  // Throws Error(internal) when the disk takes no more; the file is then as before.
  void append(const std::vector<Event>& events);

  // Gives the descriptor back; the next append opens the file again.
  void close();

  const LogSnapshot& content() const { return content_; }

 private:
  void open();
  void note(const Event& event, std::int64_t length);

  LogSnapshot content_;
  int descriptor_ = -1;
  bool is_removed_ = false;
};

}  // namespace sockerless::cloud::logs
