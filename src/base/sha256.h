#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace sockerless {

using Sha256Digest = std::array<unsigned char, 32>;

Sha256Digest sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes);

// Lower-case hexadecimal, two characters a byte.
std::string to_hex(std::string_view bytes);

inline std::string_view as_text(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace sockerless
