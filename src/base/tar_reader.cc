#include <algorithm>
#include <utility>

#include "base/tar.h"
#include "base/tar_fields.h"

namespace sockerless {

namespace {

constexpr std::size_t kLongestExtension = 1024 * 1024;
constexpr std::size_t kMostSegments = 256 * 1024;
constexpr std::int64_t kLargest = std::int64_t{1} << 56;

constexpr std::string_view kInvalid = "archive/tar: invalid tar header";
constexpr std::string_view kTruncated = "unexpected EOF";

constexpr std::size_t kSegment = 24;  // offset and size, twelve octal digits each

bool is_header_only(TarType type) { return type != TarType::file && type != TarType::other; }

TarType type_of(char kind) {
  switch (kind) {
    case '\0':
    case '0':
    case '7':
    case 'S': return TarType::file;
    case '1': return TarType::hard_link;
    case '2': return TarType::symlink;
    case '3': return TarType::character_device;
    case '4': return TarType::block_device;
    case '5': return TarType::directory;
    case '6': return TarType::fifo;
    default: return TarType::other;
  }
}

// A run of decimal digits up to the separator, which is taken too.
bool take_decimal(std::string_view& text, char separator, std::int64_t& value) {
  const std::size_t end = text.find(separator);
  if (end == std::string_view::npos || !tar_decimal(text.substr(0, end), value)) return false;
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

TarReader::Event TarReader::fail(std::string_view text) {
  state_ = State::done;
  error_ = text;
  return Event::failed;
}

std::int64_t TarReader::skippable() const {
  return state_ == State::content && !is_sparse_ && input_.empty() ? left_ : 0;
}

// A tar without its end marker is whole as long as it ends between two entries, as Go has it.
TarReader::Event TarReader::end_of_input() {
  if (!is_finished_) return Event::need_input;
  const bool is_between =
      (state_ == State::header && pax_.records.empty() && long_name_.empty()) || state_ == State::after_zeros;
  if (!is_between || filled_ != 0) return fail(kTruncated);
  state_ = State::done;
  return Event::end;
}

bool TarReader::fill_block() {
  const std::size_t count = std::min(kTarBlock - filled_, input_.size());
  input_.copy(block_.data() + filled_, count);
  filled_ += count;
  input_.remove_prefix(count);
  return filled_ == kTarBlock;
}

TarReader::Event TarReader::next() {
  for (;;) {
    switch (state_) {
      case State::header:
      case State::after_zeros: {
        if (!fill_block()) return end_of_input();
        filled_ = 0;
        const Event event = parse_header();
        if (event != Event::need_input) return event;
        break;
      }
      case State::extension:
        if (!take_extension()) return error_.empty() ? end_of_input() : Event::failed;
        break;
      case State::sparse_block:
        if (!fill_block()) return end_of_input();
        filled_ = 0;
        if (!read_sparse_block()) return fail(kInvalid);
        if (state_ == State::content) return started();
        break;
      case State::sparse_map:
        if (!fill_block()) return end_of_input();
        filled_ = 0;
        if (!read_sparse_map()) return fail(kInvalid);
        if (state_ == State::content) return started();
        break;
      case State::content: return content();
      case State::padding: {
        const auto count = std::min<std::int64_t>(padding_, static_cast<std::int64_t>(input_.size()));
        input_.remove_prefix(static_cast<std::size_t>(count));
        padding_ -= count;
        if (padding_ > 0) return end_of_input();
        state_ = State::header;
        break;
      }
      case State::done: return error_.empty() ? Event::end : Event::failed;
    }
  }
}

// need_input: go on, there is nothing to tell.
TarReader::Event TarReader::parse_header() {
  if (std::all_of(block_.begin(), block_.end(), [](char c) { return c == 0; })) {
    if (state_ == State::after_zeros) {
      state_ = State::done;
      return Event::end;
    }
    state_ = State::after_zeros;
    return Event::need_input;
  }
  if (state_ == State::after_zeros || !has_tar_checksum(block_)) return fail(kInvalid);
  const char kind = block_[kTarKind];
  if (kind == 'x' || kind == 'g' || kind == 'L' || kind == 'K') return begin_extension(kind);
  return begin_entry(kind);
}

TarReader::Event TarReader::begin_extension(char kind) {
  std::int64_t size = 0;
  if (!tar_number(tar_field(block_, kTarSize), size) || size < 0) return fail(kInvalid);
  if (size > static_cast<std::int64_t>(kLongestExtension)) return fail("archive/tar: header field too long");
  extension_kind_ = kind;
  extension_.clear();
  extension_size_ = static_cast<std::size_t>(size);
  extension_padded_ = extension_size_ + tar_padding(size);
  state_ = State::extension;
  return Event::need_input;
}

// False while it is incomplete, or after a failure.
bool TarReader::take_extension() {
  const std::size_t count = std::min(extension_padded_ - extension_.size(), input_.size());
  extension_.append(input_.substr(0, count));
  input_.remove_prefix(count);
  if (extension_.size() < extension_padded_) return false;
  state_ = State::header;
  const std::string_view text = std::string_view(extension_).substr(0, extension_size_);
  if (extension_kind_ == 'L') long_name_ = text.substr(0, text.find('\0'));
  if (extension_kind_ == 'K') long_link_ = text.substr(0, text.find('\0'));
  if (extension_kind_ == 'x' && !parse_pax(text)) {
    fail(kInvalid);
    return false;
  }
  return true;
}

// Records are "LENGTH KEY=VALUE\n", the length being that of all of it.
bool TarReader::parse_pax(std::string_view text) {
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    std::int64_t length = 0;
    if (blank == std::string_view::npos || !tar_decimal(text.substr(0, blank), length)) return false;
    const auto size = static_cast<std::size_t>(length);
    if (size > text.size() || size < blank + 3 || text[size - 1] != '\n') return false;
    const std::string_view record = text.substr(blank + 1, size - blank - 2);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    const std::string_view key = record.substr(0, equals);
    const std::string_view value = record.substr(equals + 1);
    std::int64_t number = 0;
    if (key == "GNU.sparse.offset" || key == "GNU.sparse.numbytes") {
      if (!tar_decimal(value, number) || pax_.segments.size() >= kMostSegments) return false;
      if (key == "GNU.sparse.offset") pax_.segments.push_back({number, 0});
      if (key == "GNU.sparse.numbytes" && pax_.segments.empty()) return false;
      if (key == "GNU.sparse.numbytes") pax_.segments.back().size = number;
    } else if (key == "GNU.sparse.map") {
      if (!parse_map(value)) return false;
    } else {
      pax_.records.emplace_back(key, value);
    }
    text.remove_prefix(size);
  }
  return true;
}

bool TarReader::parse_map(std::string_view text) {
  std::string whole(text);
  if (!whole.empty()) whole += ',';
  std::string_view rest = whole;
  while (!rest.empty()) {
    TarSegment segment;
    if (!take_decimal(rest, ',', segment.offset) || !take_decimal(rest, ',', segment.size)) return false;
    if (pax_.segments.size() >= kMostSegments) return false;
    pax_.segments.push_back(segment);
  }
  return true;
}

TarReader::Event TarReader::begin_entry(char kind) {
  entry_ = {};
  segments_.clear();
  segment_ = 0;
  at_ = 0;
  is_sparse_ = has_map_in_content_ = false;
  if (!read_tar_header(block_, entry_)) return fail(kInvalid);
  entry_.type = type_of(kind);
  if (!long_name_.empty()) entry_.name = std::exchange(long_name_, {});
  if (!long_link_.empty()) entry_.link_name = std::exchange(long_link_, {});
  left_ = entry_.size;
  if (!apply_pax()) return fail(kInvalid);
  if (left_ < 0 || left_ > kLargest || entry_.size < 0 || entry_.size > kLargest) return fail(kInvalid);
  if (entry_.name.find('\0') != std::string::npos || entry_.link_name.find('\0') != std::string::npos) {
    return fail(kInvalid);
  }
  if (entry_.type == TarType::file && entry_.name.ends_with('/')) entry_.type = TarType::directory;
  if (is_header_only(entry_.type)) left_ = entry_.size = 0;
  padding_ = static_cast<std::int64_t>(tar_padding(left_));
  state_ = State::content;
  if (kind == 'S' && !begin_old_sparse()) return fail(kInvalid);
  if (has_map_in_content_) {
    map_text_.clear();
    state_ = State::sparse_map;
  }
  return state_ == State::content ? started() : Event::need_input;
}

bool TarReader::apply_pax() {
  const Pax pax = std::exchange(pax_, {});
  for (const auto& [key, value] : pax.records) {
    if (!apply_record(key, value)) return false;
  }
  segments_ = pax.segments;
  // A map needs a size, and there is one map.
  if (has_map_in_content_) return is_sparse_ && segments_.empty();
  return is_sparse_ || segments_.empty();
}

bool TarReader::apply_record(const std::string& key, const std::string& value) {
  constexpr std::string_view kXattr = "SCHILY.xattr.";
  if (value.empty() && !key.starts_with(kXattr)) return true;  // takes a record of a global header back
  std::int64_t number = 0;
  if (key == "path" || key == "GNU.sparse.name") {
    entry_.name = value;
  } else if (key == "linkpath") {
    entry_.link_name = value;
  } else if (key == "mtime") {
    return tar_time(value, entry_.modified);
  } else if (key.starts_with(kXattr)) {
    entry_.xattrs.emplace_back(key.substr(kXattr.size()), value);
  } else if (key == "size" || key == "uid" || key == "gid" || key == "GNU.sparse.realsize" ||
             key == "GNU.sparse.size" || key == "GNU.sparse.major") {
    if (!tar_decimal(value, number)) return false;
    if (key == "size") left_ = entry_.size = number;
    if (key == "uid") entry_.uid = static_cast<std::uint32_t>(number);
    if (key == "gid") entry_.gid = static_cast<std::uint32_t>(number);
    if (key == "GNU.sparse.major") has_map_in_content_ = number == 1;
    if (key == "GNU.sparse.realsize" || key == "GNU.sparse.size") {
      entry_.size = number;
      is_sparse_ = true;
    }
  }
  return true;
}

// GNU tar before pax keeps the first segments in the header and the others in blocks behind it.
bool TarReader::begin_old_sparse() {
  constexpr std::size_t kFirst = 386;
  constexpr std::size_t kIsExtended = 482;
  is_sparse_ = true;
  if (!tar_number({block_.data() + 483, 12}, entry_.size) || !add_segments(block_.data() + kFirst, 4)) return false;
  if (block_[kIsExtended] != 0) state_ = State::sparse_block;
  return true;
}

bool TarReader::read_sparse_block() {
  constexpr std::size_t kIsExtended = 504;
  if (!add_segments(block_.data(), 21)) return false;
  if (block_[kIsExtended] == 0) state_ = State::content;
  return true;
}

bool TarReader::add_segments(const char* at, int count) {
  for (int i = 0; i < count; ++i, at += kSegment) {
    if (*at == 0) return true;
    TarSegment segment;
    if (!tar_number({at, 12}, segment.offset) || !tar_number({at + 12, 12}, segment.size)) return false;
    if (segments_.size() >= kMostSegments) return false;
    segments_.push_back(segment);
  }
  return true;
}

// GNU.sparse 1.0: the content begins with lines, the number of segments and then each one's offset
// and size, filled up to a block.
bool TarReader::read_sparse_map() {
  left_ -= static_cast<std::int64_t>(kTarBlock);
  if (left_ < 0 || map_text_.size() > kMostSegments * kSegment) return false;
  map_text_.append(block_.data(), block_.size());
  std::string_view text = map_text_;
  std::int64_t count = 0;
  if (!take_decimal(text, '\n', count)) return text.find('\n') == std::string_view::npos;
  if (count < 0 || count > static_cast<std::int64_t>(kMostSegments)) return false;
  if (std::count(text.begin(), text.end(), '\n') < 2 * count) return true;
  for (; count > 0; --count) {
    TarSegment segment;
    if (!take_decimal(text, '\n', segment.offset) || !take_decimal(text, '\n', segment.size)) return false;
    segments_.push_back(segment);
  }
  state_ = State::content;
  return true;
}

// The entry is known; its segments must fit its content.
TarReader::Event TarReader::started() {
  if (!is_sparse_) return Event::entry;
  if (entry_.size < 0 || entry_.size > kLargest) return fail(kInvalid);
  std::int64_t end = 0;
  std::int64_t stored = 0;
  for (const TarSegment& segment : segments_) {
    const bool fits = segment.offset >= end && segment.size >= 0 && segment.offset <= entry_.size &&
                      segment.size <= entry_.size - segment.offset;
    if (!fits) return fail(kInvalid);
    end = segment.offset + segment.size;
    stored += segment.size;
  }
  return stored == left_ ? Event::entry : fail(kInvalid);
}

TarReader::Event TarReader::content() {
  std::int64_t limit = left_;
  if (is_sparse_) {
    while (segment_ < segments_.size() && at_ == segments_[segment_].offset + segments_[segment_].size) ++segment_;
    const bool is_last = segment_ == segments_.size();
    const std::int64_t next = is_last ? entry_.size : segments_[segment_].offset;
    if (at_ < next) {
      hole_ = next - at_;
      at_ = next;
      return Event::hole;
    }
    limit = is_last ? 0 : segments_[segment_].offset + segments_[segment_].size - at_;
  }
  if (limit == 0) return content_done();
  if (input_.empty()) return end_of_input();
  data_ = input_.substr(0, static_cast<std::size_t>(std::min<std::int64_t>(limit, INT64_C(1) << 30)));
  input_.remove_prefix(data_.size());
  left_ -= static_cast<std::int64_t>(data_.size());
  at_ += static_cast<std::int64_t>(data_.size());
  return Event::data;
}

TarReader::Event TarReader::content_done() {
  state_ = State::padding;
  return Event::entry_end;
}

}  // namespace sockerless
