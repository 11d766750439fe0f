#include "base/tar_fields.h"

#include <algorithm>

namespace sockerless {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLatest = INT64_MAX / kSecond;

std::string_view text_of(const TarBlock& block, TarField field) {
  const std::string_view text = tar_field(block, field);
  return text.substr(0, text.find('\0'));
}

// The first byte's upper bit marks the form, the next one is the sign.
bool base_256(std::string_view field, std::int64_t& value) {
  const bool is_negative = (field[0] & 0x40) != 0;
  const std::uint8_t inverse = is_negative ? 0xff : 0;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    std::uint8_t byte = static_cast<std::uint8_t>(field[i]) ^ inverse;
    if (i == 0) byte &= 0x7f;
    if (number >> 55 != 0) return false;
    number = number << 8 | byte;
  }
  value = is_negative ? static_cast<std::int64_t>(~number) : static_cast<std::int64_t>(number);
  return true;
}

}  // namespace

std::uint32_t tar_checksum(const TarBlock& block) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool is_sum = i >= kTarChecksum.offset && i < kTarChecksum.offset + kTarChecksum.size;
    sum += is_sum ? ' ' : static_cast<unsigned char>(block[i]);
  }
  return sum;
}

// Some old programs have added up signed bytes.
bool has_tar_checksum(const TarBlock& block) {
  std::int64_t given = 0;
  if (!tar_number(tar_field(block, kTarChecksum), given)) return false;
  const std::int64_t sum = tar_checksum(block);
  if (given == sum) return true;
  const auto high = std::count_if(block.begin(), block.end(), [](char c) { return (c & 0x80) != 0; });
  return given == sum - 256 * static_cast<std::int64_t>(high);
}

bool tar_number(std::string_view field, std::int64_t& value) {
  if (!field.empty() && (field[0] & 0x80) != 0) return base_256(field, value);
  constexpr std::string_view kFill(" \0", 2);
  const std::size_t begin = field.find_first_not_of(kFill);
  value = 0;
  if (begin == std::string_view::npos) return true;
  field.remove_prefix(begin);
  field = field.substr(0, field.find_first_of(kFill));
  for (const char digit : field) {
    if (digit < '0' || digit > '7') return false;
    value = value * 8 + (digit - '0');
  }
  return true;
}

bool tar_decimal(std::string_view text, std::int64_t& value) {
  value = 0;
  if (text.empty()) return false;
  for (const char digit : text) {
    if (digit < '0' || digit > '9' || value > (INT64_MAX - 9) / 10) return false;
    value = value * 10 + (digit - '0');
  }
  return true;
}

bool tar_time(std::string_view text, std::int64_t& nanoseconds) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t dot = std::min(text.find('.'), text.size());
  std::int64_t seconds = 0;
  if (!tar_decimal(text.substr(0, dot), seconds) || seconds >= kLatest) return false;
  std::string_view fraction = text.substr(std::min(text.size(), dot + 1));
  std::int64_t part = 0;
  std::int64_t unit = kSecond / 10;
  for (const char digit : fraction) {
    if (digit < '0' || digit > '9') return false;
    part += unit * (digit - '0');
    unit /= 10;
  }
  nanoseconds = (seconds * kSecond + part) * (is_negative ? -1 : 1);
  return true;
}

bool read_tar_header(const TarBlock& block, TarEntry& entry) {
  std::int64_t mode = 0;
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t modified = 0;
  const bool is_sound = tar_number(tar_field(block, kTarMode), mode) && tar_number(tar_field(block, kTarUid), uid) &&
                        tar_number(tar_field(block, kTarGid), gid) &&
                        tar_number(tar_field(block, kTarSize), entry.size) &&
                        tar_number(tar_field(block, kTarModified), modified);
  if (!is_sound || modified >= kLatest || modified <= -kLatest) return false;
  entry.mode = static_cast<std::uint32_t>(mode) & 07777;
  entry.uid = static_cast<std::uint32_t>(uid);
  entry.gid = static_cast<std::uint32_t>(gid);
  entry.modified = modified * kSecond;
  entry.name = text_of(block, kTarName);
  entry.link_name = text_of(block, kTarLinkName);
  // GNU tar keeps other things where ustar has a prefix.
  const std::string_view prefix = text_of(block, kTarPrefix);
  if (tar_field(block, kTarMagic) == kUstar && !prefix.empty()) {
    entry.name = std::string(prefix) + "/" + entry.name;
  }
  return true;
}

}  // namespace sockerless
