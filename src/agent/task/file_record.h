#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/task/file_descriptor.h"
#include "agent/task/mounts.h"
#include "agent/task/root_folder.h"

namespace sockerless::agent {

// The longest record; a hundred thousand files take about 2 MiB.
inline constexpr std::size_t kMostRecorded = 64 * 1024 * 1024;

// Writes to `fd` what files there are: for every folder its path and the names in it. A file counts
// as changed later by its time of change, which nobody can set; that time is recorded only for what
// changed shortly before, because a file system's clock is coarse. A folder counts as changed by its
// mode and its time of modification, as Docker has it. Returns 0, an error number, or
// EFBIG beyond the longest record.
int record_files(const RootFolder& root, const Mounts& mounts, int fd);

struct RecordedFile {
  std::string_view name;
  bool is_folder = false;
  std::int64_t time = 0;   // of a file's change or a folder's modification; 0: before the record began
  std::uint32_t mode = 0;  // of a folder
};

// A record to be read.
class FileRecord {
 public:
  // The bytes live as long as the record.
  explicit FileRecord(std::string_view bytes);

  bool is_valid() const { return is_valid_; }

  // What was in the folder, sorted by name; nothing if the folder was not there.
  std::vector<RecordedFile> files_in(std::string_view folder) const;

  // Whether what has this status now is another than was recorded.
  bool has_changed(const RecordedFile& file, const struct stat& status) const;

 private:
  std::string_view bytes_;
  std::int64_t begun_ = 0;
  bool is_valid_ = true;
  std::unordered_map<std::string_view, std::size_t> folders_;  // where their entries begin
};

}  // namespace sockerless::agent
