#include "cloud/logs_api/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/rollback.h"

namespace sockerless::cloud::logs {
namespace {

constexpr std::int64_t kEventsPerBlock = 256;

// Before each message. The file never leaves the machine, so numbers are in its own byte order.
struct RecordHead {
  std::int64_t timestamp;
  std::int64_t ingestion_time;
  std::int64_t put_id;
  std::uint64_t length;
};

Error file_error(std::string_view what, const std::string& path) {
  return {ErrorKind::internal, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno))};
}

std::string read_range(const LogSnapshot& snapshot, std::int64_t begin, std::int64_t end) {
  const int descriptor = ::open(snapshot.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw file_error("open", snapshot.path);
  const Rollback close_it([&] { ::close(descriptor); });
  std::string bytes(static_cast<std::size_t>(end - begin), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = pread(descriptor, bytes.data() + filled, bytes.size() - filled,
                              static_cast<off_t>(begin) + static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw file_error("read", snapshot.path);
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

void read_block(const LogSnapshot& snapshot, std::size_t block, const Receive& receive) {
  const bool is_last = block + 1 == snapshot.blocks.size();
  const std::int64_t begin = snapshot.blocks[block].offset;
  const std::int64_t end = is_last ? snapshot.bytes : snapshot.blocks[block + 1].offset;
  const std::string bytes = read_range(snapshot, begin, end);
  std::int64_t number = snapshot.blocks[block].first;
  for (std::size_t at = 0; at + sizeof(RecordHead) <= bytes.size();) {
    RecordHead head{};
    std::memcpy(&head, bytes.data() + at, sizeof head);
    at += sizeof head;
    if (head.length > bytes.size() - at) break;
    Event event{head.timestamp, head.ingestion_time, head.put_id, bytes.substr(at, head.length)};
    at += head.length;
    if (!receive(number++, std::move(event))) return;
  }
}

LogFile::~LogFile() {
  close();
  ::unlink(content_.path.c_str());
}

void LogFile::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void LogFile::open() {
  if (descriptor_ >= 0) return;
  descriptor_ = ::open(content_.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) throw file_error("open", content_.path);
}

void LogFile::append(const std::vector<Event>& events) {
  open();
  std::string bytes;
  LogSnapshot grown{"", {}, content_.bytes, content_.events};
  for (const Event& event : events) {
    const RecordHead head{event.timestamp, event.ingestion_time, event.put_id, event.message.size()};
    const std::int64_t offset = content_.bytes + static_cast<std::int64_t>(bytes.size());
    bytes.append(reinterpret_cast<const char*>(&head), sizeof head);
    bytes += event.message;
    if (grown.events % kEventsPerBlock == 0) {
      grown.blocks.push_back({offset, grown.events, event.timestamp, event.timestamp});
    }
    ++grown.events;
  }
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = pwrite(descriptor_, bytes.data() + written, bytes.size() - written,
                                 static_cast<off_t>(content_.bytes) + static_cast<off_t>(written));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw file_error("write", content_.path);
    written += static_cast<std::size_t>(count);
  }
  content_.blocks.insert(content_.blocks.end(), grown.blocks.begin(), grown.blocks.end());
  auto block = content_.blocks.end();
  std::int64_t number = grown.events;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    --number;
    while (block == content_.blocks.end() || block->first > number) --block;
    block->least_timestamp = std::min(block->least_timestamp, event->timestamp);
    block->greatest_timestamp = std::max(block->greatest_timestamp, event->timestamp);
  }
  content_.bytes += static_cast<std::int64_t>(bytes.size());
  content_.events = grown.events;
}

}  // namespace sockerless::cloud::logs
