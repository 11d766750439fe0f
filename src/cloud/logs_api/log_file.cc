#include "cloud/logs_api/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

// Reads a file from the front to the end in large pieces.
class Window {
 public:
  Window(int descriptor, const std::string& path) : descriptor_(descriptor), path_(path) {
    struct stat about {};
    if (::fstat(descriptor_, &about) < 0) throw file_error("read", path_);
    file_size_ = about.st_size;
  }

  std::int64_t file_size() const { return file_size_; }

  // `size` bytes, far fewer than a piece has; null behind the end. Offsets only grow.
  const char* at(std::int64_t offset, std::size_t size) {
    const auto wanted = static_cast<std::int64_t>(size);
    if (offset + wanted > file_size_) return nullptr;
    if (offset + wanted > begin_ + filled_) {
      begin_ = offset;
      filled_ = pread(descriptor_, piece_.data(), piece_.size(), static_cast<off_t>(offset));
      if (filled_ < wanted) throw file_error("read", path_);
    }
    return piece_.data() + (offset - begin_);
  }

 private:
  int descriptor_;
  const std::string& path_;
  std::int64_t file_size_ = 0;
  std::int64_t begin_ = 0;
  std::int64_t filled_ = 0;
  std::string piece_ = std::string(256 * 1024, '\0');
};

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
  if (is_removed_) ::unlink(content_.path.c_str());
}

void LogFile::recover(const std::function<void(const Event&)>& receive) {
  const int descriptor = ::open(content_.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return;  // no event had come
  if (descriptor < 0) throw file_error("open", content_.path);
  const Rollback close_it([&] { ::close(descriptor); });
  Window window(descriptor, content_.path);
  RecordHead head{};
  while (const char* bytes = window.at(content_.bytes, sizeof head)) {
    std::memcpy(&head, bytes, sizeof head);
    const auto size = static_cast<std::int64_t>(sizeof head + head.length);
    if (size > window.file_size() - content_.bytes) return;  // cut off by the end of the process
    const Event event{head.timestamp, head.ingestion_time, head.put_id, {}};
    note(event, size);
    receive(event);
  }
}

// Counts an event that stands at the end of the file with `length` bytes.
void LogFile::note(const Event& event, std::int64_t length) {
  if (content_.events % kEventsPerBlock == 0) {
    content_.blocks.push_back({content_.bytes, content_.events, event.timestamp, event.timestamp});
  }
  Block& block = content_.blocks.back();
  block.least_timestamp = std::min(block.least_timestamp, event.timestamp);
  block.greatest_timestamp = std::max(block.greatest_timestamp, event.timestamp);
  content_.bytes += length;
  ++content_.events;
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
  for (const Event& event : events) {
    const RecordHead head{event.timestamp, event.ingestion_time, event.put_id, event.message.size()};
    bytes.append(reinterpret_cast<const char*>(&head), sizeof head);
    bytes += event.message;
  }
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = pwrite(descriptor_, bytes.data() + written, bytes.size() - written,
                                 static_cast<off_t>(content_.bytes) + static_cast<off_t>(written));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw file_error("write", content_.path);
    written += static_cast<std::size_t>(count);
  }
  for (const Event& event : events) note(event, static_cast<std::int64_t>(sizeof(RecordHead) + event.message.size()));
}

}  // namespace sockerless::cloud::logs
