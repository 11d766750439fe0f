#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Tar archives without input or output: ustar, pax and GNU tar's extensions, sparse files among
// them. Uses no exceptions.
namespace sockerless {

inline constexpr std::size_t kTarBlock = 512;

enum class TarType { file, hard_link, symlink, character_device, block_device, directory, fifo, other };

struct TarEntry {
  std::string name;  // as it is in the tar: may be absolute, lead out, or end in a slash
  std::string link_name;
  TarType type = TarType::file;
  std::uint32_t mode = 0;  // permissions and the three special bits
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t size = 0;      // of the content, holes included; 0 for all but files
  std::int64_t modified = 0;  // nanoseconds since the epoch
  std::vector<std::pair<std::string, std::string>> xattrs;
};

struct TarSegment {
  std::int64_t offset = 0;
  std::int64_t size = 0;
};

// Reads a tar from bytes that come in pieces of any size.
class TarReader {
 public:
  enum class Event {
    need_input,  // feed() more, or finish()
    entry,       // entry() begins
    data,        // data() is the next piece of its content
    hole,        // hole() zeros are
    entry_end,
    end,     // of the tar: what follows is ignored
    failed,  // error() says why
  };

  // The bytes must live until next() has asked for more.
  void feed(std::string_view bytes) { input_ = bytes; }

  // There are no more bytes.
  void finish() { is_finished_ = true; }

  Event next();

  const TarEntry& entry() const { return entry_; }
  std::string_view data() const { return data_; }
  std::int64_t hole() const { return hole_; }

  // Docker's words: "unexpected EOF", "archive/tar: invalid tar header".
  const std::string& error() const { return error_; }

  // How many of the bytes that follow what was fed are content: whoever only looks at the entries
  // may leave them out, and says so by skipped(). Only when input is needed.
  std::int64_t skippable() const;
  void skipped(std::int64_t bytes) { left_ -= bytes; }

 private:
  enum class State { header, extension, sparse_block, sparse_map, content, padding, after_zeros, done };

  struct Pax {
    std::vector<std::pair<std::string, std::string>> records;
    std::vector<TarSegment> segments;  // GNU.sparse 0.0 and 0.1
  };

  Event fail(std::string_view text);
  Event end_of_input();
  bool fill_block();
  bool take_extension();
  bool parse_pax(std::string_view text);
  bool parse_map(std::string_view text);
  Event parse_header();
  Event begin_extension(char kind);
  Event begin_entry(char kind);
  bool apply_pax();
  bool apply_record(const std::string& key, const std::string& value);
  bool begin_old_sparse();
  bool read_sparse_block();
  bool read_sparse_map();
  bool add_segments(const char* at, int count);
  Event started();
  Event content();
  Event content_done();

  std::string_view input_;
  bool is_finished_ = false;
  State state_ = State::header;
  std::string error_;

  std::array<char, kTarBlock> block_{};
  std::size_t filled_ = 0;  // of block_

  char extension_kind_ = 0;
  std::string extension_;
  std::size_t extension_size_ = 0;  // with its padding: extension_padded_
  std::size_t extension_padded_ = 0;

  Pax pax_;
  std::string long_name_;
  std::string long_link_;

  TarEntry entry_;
  std::string_view data_;
  std::int64_t hole_ = 0;
  std::int64_t left_ = 0;     // of the content as it is in the tar
  std::int64_t padding_ = 0;  // behind it
  std::int64_t at_ = 0;       // in the content as it is to be
  bool is_sparse_ = false;
  bool has_map_in_content_ = false;
  std::string map_text_;
  std::vector<TarSegment> segments_;
  std::size_t segment_ = 0;
};

// Appends what stands before the entry's content: one block, with pax records before it where that
// cannot hold everything. Times are cut to seconds, as Docker does.
void append_tar_header(std::string& out, const TarEntry& entry);

// How many zeros follow a content of this size.
std::size_t tar_padding(std::int64_t size);

// The end of a tar.
inline constexpr std::size_t kTarEnd = 2 * kTarBlock;  // zeros

}  // namespace sockerless
