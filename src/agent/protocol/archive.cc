#include "agent/protocol/archive.h"

#include "agent/protocol/bytes.h"

namespace sockerless::agent {

namespace {

constexpr unsigned kNoOverwriteDirNonDir = 1;
constexpr unsigned kMakeFolder = 2;

constexpr std::size_t kLongestPath = 64 * 1024;
constexpr std::size_t kChangeHead = 5;  // kind and length of the path

bool is_path(std::string_view text) {
  return !text.empty() && text.size() <= kLongestPath && text.find('\0') == std::string_view::npos;
}

}  // namespace

std::string encode(const ArchivePutParameters& parameters) {
  std::string out;
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>((parameters.no_overwrite_dir_non_dir ? kNoOverwriteDirNonDir : 0) |
                                      (parameters.make_folder ? kMakeFolder : 0)));
  writer.text(parameters.path);
  writer.text(parameters.owner);
  return out;
}

std::optional<ArchivePutParameters> decode_archive_put(std::string_view parameters) {
  ByteReader reader(parameters);
  ArchivePutParameters decoded;
  const unsigned flags = reader.u8();
  decoded.no_overwrite_dir_non_dir = (flags & kNoOverwriteDirNonDir) != 0;
  decoded.make_folder = (flags & kMakeFolder) != 0;
  decoded.path = reader.text();
  decoded.owner = reader.text();
  if (!reader.ok() || !is_path(decoded.path)) return std::nullopt;
  return decoded;
}

std::string encode_path(std::string_view path) {
  std::string out;
  ByteWriter(out).text(path);
  return out;
}

std::optional<std::string> decode_path(std::string_view parameters) {
  ByteReader reader(parameters);
  const std::string_view path = reader.text();
  if (!reader.ok() || !is_path(path)) return std::nullopt;
  return std::string(path);
}

std::string encode(const FileStat& stat) {
  std::string out;
  ByteWriter writer(out);
  writer.text(stat.name);
  writer.u64(static_cast<std::uint64_t>(stat.size));
  writer.u32(stat.mode);
  writer.u64(static_cast<std::uint64_t>(stat.modified));
  writer.text(stat.link_target);
  return out;
}

std::optional<FileStat> decode_file_stat(std::string_view answer) {
  ByteReader reader(answer);
  FileStat stat;
  stat.name = reader.text();
  stat.size = static_cast<std::int64_t>(reader.u64());
  stat.mode = reader.u32();
  stat.modified = static_cast<std::int64_t>(reader.u64());
  stat.link_target = reader.text();
  if (!reader.ok()) return std::nullopt;
  return stat;
}

void append(std::string& out, const FileChange& change) {
  ByteWriter writer(out);
  writer.u8(static_cast<std::uint8_t>(change.kind));
  writer.text(change.path);
}

std::string encode_size(std::uint64_t size) {
  std::string out;
  ByteWriter(out).u64(size);
  return out;
}

std::optional<std::uint64_t> decode_size(std::string_view answer) {
  ByteReader reader(answer);
  const std::uint64_t size = reader.u64();
  if (!reader.ok()) return std::nullopt;
  return size;
}

std::optional<FileChange> FileChangeDecoder::next() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  if (is_failed_ || rest.size() < kChangeHead) return std::nullopt;
  ByteReader reader(rest);
  const std::uint8_t kind = reader.u8();
  const std::uint32_t size = reader.u32();
  if (kind > static_cast<std::uint8_t>(ChangeKind::deleted) || size == 0 || size > kLongestPath) {
    is_failed_ = true;
    return std::nullopt;
  }
  if (rest.size() < kChangeHead + size) return std::nullopt;
  FileChange change{static_cast<ChangeKind>(kind), std::string(rest.substr(kChangeHead, size))};
  at_ += kChangeHead + size;
  if (at_ == buffer_.size() || at_ > kLongestPath) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  return change;
}

}  // namespace sockerless::agent
