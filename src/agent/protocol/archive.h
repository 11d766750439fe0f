#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The parameters and answers of the sessions that read and write files. The layout is written down
// in docs/agent-protocol.md.
namespace sockerless::agent {

struct ArchivePutParameters {
  std::string path;                       // a folder
  std::string owner;                      // user[:group] that everything belongs to; empty: as the tar has it
  bool no_overwrite_dir_non_dir = false;  // a folder does not replace anything else, nor the other way round
  bool make_folder = false;               // make the folder if it is missing
};

// What a path is.
struct FileStat {
  std::string name;
  std::int64_t size = 0;
  std::uint32_t mode = 0;     // Go's os.FileMode
  std::int64_t modified = 0;  // nanoseconds since the epoch
  std::string link_target;    // of a symbolic link: where it leads in the end
};

enum class ChangeKind : std::uint8_t { modified = 0, added = 1, deleted = 2 };

struct FileChange {
  ChangeKind kind = ChangeKind::modified;
  std::string path;
};

std::string encode(const ArchivePutParameters& parameters);
std::string encode(const FileStat& stat);

// Parameters of archive_get and archive_stat.
std::string encode_path(std::string_view path);

// Nothing if they are malformed; a path has no zero in it.
std::optional<ArchivePutParameters> decode_archive_put(std::string_view parameters);
std::optional<std::string> decode_path(std::string_view parameters);
std::optional<FileStat> decode_file_stat(std::string_view answer);

// One record of the output of a changes session.
void append(std::string& out, const FileChange& change);

// The answer to a changed_size session: bytes. Nothing if it is malformed.
std::string encode_size(std::uint64_t size);
std::optional<std::uint64_t> decode_size(std::string_view answer);

// Reads the records from output that comes in pieces of any size.
class FileChangeDecoder {
 public:
  void feed(std::string_view bytes) { buffer_.append(bytes); }

  // The next record; nothing while it is incomplete or once the output is malformed.
  std::optional<FileChange> next();

  bool failed() const { return is_failed_; }

  // Everything that was fed has been returned.
  bool is_at_end() const { return !is_failed_ && at_ == buffer_.size(); }

 private:
  std::string buffer_;
  std::size_t at_ = 0;
  bool is_failed_ = false;
};

}  // namespace sockerless::agent
