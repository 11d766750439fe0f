#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sockerless {

// Makes plain bytes of compressed ones that come in pieces of any size.
class Decompressor {
 public:
  virtual ~Decompressor() = default;

  // Takes bytes off the front of `in` and appends to `out`, a piece of bounded size; call again
  // until it takes and gives nothing. Throws Error(invalid_argument) for what is malformed.
  virtual void step(std::string_view& in, std::string& out) = 0;

  // All of the compressed content has been seen: more bytes are another one or garbage.
  virtual bool is_complete() const = 0;
};

// How many first bytes tell the compression.
inline constexpr std::size_t kLongestMagic = 6;

// For content that begins with these bytes: gzip, bzip2, xz or zstd; null if it is none of them.
std::unique_ptr<Decompressor> find_decompressor(std::string_view first_bytes);

}  // namespace sockerless
