#pragma once

#include <cstdint>
#include <string>

namespace sockerless::cloud {

// "gzip", "zstd" or "" for a file that is not packed, by its first bytes.
std::string packing_of(const std::string& path);

// The digest of what a file unpacks to, or of itself. Blocks. Throws Error: too_large beyond so many bytes, internal
// for a damaged file.
std::string digest_of_unpacked(const std::string& path, std::int64_t most_bytes);

}  // namespace sockerless::cloud
