#include <algorithm>
#include <cstring>

#include "base/tar.h"
#include "base/tar_fields.h"

namespace sockerless {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLargestSize = 077777777777;  // eleven octal digits
constexpr std::uint32_t kLargestId = 07777777;

char kind_of(TarType type) {
  switch (type) {
    case TarType::file:
    case TarType::other: return '0';
    case TarType::hard_link: return '1';
    case TarType::symlink: return '2';
    case TarType::character_device: return '3';
    case TarType::block_device: return '4';
    case TarType::directory: return '5';
    case TarType::fifo: return '6';
  }
  return '0';
}

// Go's tar writer, and so Docker's, has the file's type in the mode too.
std::uint32_t mode_of(const TarEntry& entry) {
  switch (entry.type) {
    case TarType::directory: return entry.mode | 0040000;
    case TarType::symlink: return entry.mode | 0120000;
    case TarType::character_device: return entry.mode | 0020000;
    case TarType::block_device: return entry.mode | 0060000;
    case TarType::fifo: return entry.mode | 0010000;
    default: return entry.mode | 0100000;
  }
}

void put_text(TarBlock& block, TarField field, std::string_view text) {
  if (text.empty()) return;  // it may have no address then
  std::memcpy(block.data() + field.offset, text.data(), std::min(field.size, text.size()));
}

void put_octal(TarBlock& block, TarField field, std::uint64_t value) {
  for (std::size_t i = field.size - 1; i-- > 0; value >>= 3) {
    block[field.offset + i] = static_cast<char>('0' + (value & 7));
  }
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

bool fits(std::string_view text, TarField field) { return text.size() <= field.size && is_ascii(text); }

// The length at its beginning counts itself.
void append_record(std::string& out, std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;  // blank, =, line end
  std::size_t size = rest + std::to_string(rest).size();
  size = rest + std::to_string(size).size();
  out.append(std::to_string(size)).append(" ").append(key).append("=").append(value).append("\n");
}

std::string pax_records(const TarEntry& entry) {
  std::string records;
  if (!fits(entry.name, kTarName)) append_record(records, "path", entry.name);
  if (!fits(entry.link_name, kTarLinkName)) append_record(records, "linkpath", entry.link_name);
  if (entry.size > kLargestSize) append_record(records, "size", std::to_string(entry.size));
  if (entry.uid > kLargestId) append_record(records, "uid", std::to_string(entry.uid));
  if (entry.gid > kLargestId) append_record(records, "gid", std::to_string(entry.gid));
  if (entry.modified < 0) append_record(records, "mtime", std::to_string(entry.modified / kSecond));
  for (const auto& [name, value] : entry.xattrs) append_record(records, "SCHILY.xattr." + name, value);
  return records;
}

struct Head {
  std::string_view name;
  std::string_view link_name;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t size = 0;
  std::int64_t seconds = 0;
  char kind = '0';
};

void append_block(std::string& out, const Head& head) {
  TarBlock block{};
  put_text(block, kTarName, head.name);
  put_octal(block, kTarMode, head.mode);
  put_octal(block, kTarUid, head.uid > kLargestId ? 0 : head.uid);
  put_octal(block, kTarGid, head.gid > kLargestId ? 0 : head.gid);
  put_octal(block, kTarSize, head.size > kLargestSize ? 0 : static_cast<std::uint64_t>(head.size));
  put_octal(block, kTarModified, static_cast<std::uint64_t>(std::max<std::int64_t>(head.seconds, 0)));
  block[kTarKind] = head.kind;
  put_text(block, kTarLinkName, head.link_name);
  put_text(block, kTarMagic, kUstar);
  put_octal(block, kTarMajor, 0);
  put_octal(block, kTarMinor, 0);
  put_octal(block, {kTarChecksum.offset, kTarChecksum.size - 1}, tar_checksum(block));
  block[kTarChecksum.offset + kTarChecksum.size - 1] = ' ';
  out.append(block.data(), block.size());
}

}  // namespace

std::size_t tar_padding(std::int64_t size) {
  const auto over = static_cast<std::size_t>(size) % kTarBlock;
  return over == 0 ? 0 : kTarBlock - over;
}

void append_tar_header(std::string& out, const TarEntry& entry) {
  if (const std::string records = pax_records(entry); !records.empty()) {
    append_block(
        out,
        {.name = "PaxHeaders.0/entry", .mode = 0644, .size = static_cast<std::int64_t>(records.size()), .kind = 'x'});
    out.append(records);
    out.append(tar_padding(static_cast<std::int64_t>(records.size())), '\0');
  }
  append_block(out, {.name = entry.name,
                     .link_name = entry.link_name,
                     .mode = mode_of(entry),
                     .uid = entry.uid,
                     .gid = entry.gid,
                     .size = entry.size,
                     .seconds = entry.modified / kSecond,
                     .kind = kind_of(entry.type)});
}

}  // namespace sockerless
