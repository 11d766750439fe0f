#include "agent/task/file_record.h"

#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <optional>

#include "agent/protocol/bytes.h"
#include "agent/task/folder_list.h"

namespace sockerless::agent {

namespace {

constexpr unsigned kEntry = 1;
constexpr unsigned kFolder = 2;
constexpr unsigned kHasTime = 4;
constexpr unsigned kEndOfFolder = 0;

constexpr std::int64_t kRecent = 2'000'000'000;  // ns; coarser than any file system's clock
constexpr std::size_t kFlushAt = 256 * 1024;

// What file systems take their times from.
std::int64_t file_clock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

std::int64_t change_time(const struct stat& status) {
  return status.st_ctim.tv_sec * 1'000'000'000LL + status.st_ctim.tv_nsec;
}

std::int64_t modification_time(const struct stat& status) {
  return status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
}

class Recorder {
 public:
  Recorder(const RootFolder& root, const Mounts& mounts, int fd)
      : root_(root), mounts_(mounts), fd_(fd), begun_(file_clock()) {}

  int run() {
    ByteWriter(out_).u64(static_cast<std::uint64_t>(begun_));
    folders_.emplace_back("/");
    while (!folders_.empty() && error_ == 0) {
      const std::string folder = std::move(folders_.back());
      folders_.pop_back();
      record_folder(folder);
      if (out_.size() >= kFlushAt) flush();
    }
    flush();
    return error_;
  }

 private:
  // A folder that cannot be read, or is gone again, holds nothing that could change.
  void record_folder(const std::string& path) {
    const FileDescriptor folder = root_.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    struct stat status {};
    if (!folder || fstat(folder.get(), &status) != 0 || !list_folder(folder, entries_)) return;
    const bool is_recent = begun_ - change_time(status) < kRecent;
    ByteWriter writer(out_);
    writer.text(path);
    for (const FolderEntry& entry : entries_) {
      const std::string child = join_path(path, entry.name);
      if (mounts_.is_foreign(child)) continue;
      record_entry(folder, entry, entry.is_folder || is_recent);
      if (entry.is_folder) folders_.push_back(child);
    }
    writer.u8(kEndOfFolder);
  }

  void record_entry(const FileDescriptor& folder, const FolderEntry& entry, bool may_be_recent) {
    struct stat status {};
    const bool is_known = may_be_recent && fstatat(folder.get(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    const bool has_time = is_known && (entry.is_folder || begun_ - change_time(status) < kRecent);
    ByteWriter writer(out_);
    writer.u8(static_cast<std::uint8_t>(kEntry | (entry.is_folder ? kFolder : 0) | (has_time ? kHasTime : 0)));
    writer.u16(static_cast<std::uint16_t>(entry.name.size()));
    writer.bytes(entry.name);
    if (!has_time) return;
    writer.u64(static_cast<std::uint64_t>(entry.is_folder ? modification_time(status) : change_time(status)));
    if (entry.is_folder) writer.u32(status.st_mode);
  }

  void flush() {
    total_ += out_.size();
    if (total_ > kMostRecorded) error_ = EFBIG;
    std::string_view left = out_;
    while (error_ == 0 && !left.empty()) {
      const ssize_t count = write(fd_, left.data(), left.size());
      if (count < 0 && errno != EINTR) error_ = errno;
      if (count > 0) left.remove_prefix(static_cast<std::size_t>(count));
    }
    out_.clear();
  }

  const RootFolder& root_;
  const Mounts& mounts_;
  int fd_;
  std::int64_t begun_;
  std::string out_;
  std::size_t total_ = 0;
  int error_ = 0;
  std::vector<std::string> folders_;  // still to be recorded
  std::vector<FolderEntry> entries_;
};

std::optional<RecordedFile> read_entry(ByteReader& reader) {
  const unsigned kind = reader.u8();
  if (!reader.ok() || (kind & kEntry) == 0) return std::nullopt;
  RecordedFile file;
  file.is_folder = (kind & kFolder) != 0;
  file.name = reader.take(reader.u16());
  if ((kind & kHasTime) != 0) file.time = static_cast<std::int64_t>(reader.u64());
  if ((kind & kHasTime) != 0 && file.is_folder) file.mode = reader.u32();
  return file;
}

}  // namespace

int record_files(const RootFolder& root, const Mounts& mounts, int fd) { return Recorder(root, mounts, fd).run(); }

FileRecord::FileRecord(std::string_view bytes) : bytes_(bytes) {
  ByteReader reader(bytes_);
  begun_ = static_cast<std::int64_t>(reader.u64());
  while (reader.ok() && reader.left() > 0) {
    const std::string_view folder = reader.text();
    folders_.emplace(folder, bytes_.size() - reader.left());
    while (read_entry(reader)) {
    }
  }
  is_valid_ = reader.ok();
}

std::vector<RecordedFile> FileRecord::files_in(std::string_view folder) const {
  std::vector<RecordedFile> files;
  const auto found = folders_.find(folder);
  if (found == folders_.end()) return files;
  ByteReader reader(bytes_.substr(found->second));
  while (const auto file = read_entry(reader)) files.push_back(*file);
  return files;
}

bool FileRecord::has_changed(const RecordedFile& file, const struct stat& status) const {
  if (file.is_folder != S_ISDIR(status.st_mode)) return true;
  if (file.is_folder) return file.time != modification_time(status) || file.mode != status.st_mode;
  return file.time != 0 ? change_time(status) != file.time : change_time(status) >= begun_;
}

}  // namespace sockerless::agent
