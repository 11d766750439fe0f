#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/tar.h"

// The block that stands before each entry of a tar.
namespace sockerless {

struct TarField {
  std::size_t offset = 0;
  std::size_t size = 0;
};

inline constexpr TarField kTarName{0, 100};
inline constexpr TarField kTarMode{100, 8};
inline constexpr TarField kTarUid{108, 8};
inline constexpr TarField kTarGid{116, 8};
inline constexpr TarField kTarSize{124, 12};
inline constexpr TarField kTarModified{136, 12};
inline constexpr TarField kTarChecksum{148, 8};
inline constexpr std::size_t kTarKind = 156;
inline constexpr TarField kTarLinkName{157, 100};
inline constexpr TarField kTarMagic{257, 8};  // with the version
inline constexpr TarField kTarMajor{329, 8};
inline constexpr TarField kTarMinor{337, 8};
inline constexpr TarField kTarPrefix{345, 155};

inline constexpr std::string_view kUstar("ustar\00000", 8);

using TarBlock = std::array<char, kTarBlock>;

inline std::string_view tar_field(const TarBlock& block, TarField field) {
  return {block.data() + field.offset, field.size};
}

bool has_tar_checksum(const TarBlock& block);
std::uint32_t tar_checksum(const TarBlock& block);

// An octal number, or one in base 256. False if it is neither or does not fit.
bool tar_number(std::string_view field, std::int64_t& value);

// Digits and nothing else.
bool tar_decimal(std::string_view text, std::int64_t& value);

// Seconds with a fraction, as nanoseconds.
bool tar_time(std::string_view text, std::int64_t& nanoseconds);

// Everything but the type. False if a number is malformed.
bool read_tar_header(const TarBlock& block, TarEntry& entry);

}  // namespace sockerless
