#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace sockerless::cloud {

// What a layer may become when it is unpacked. The size is what a Fargate task has for everything.
struct LayerLimits {
  std::int64_t bytes = 20LL * 1024 * 1024 * 1024;
  std::int64_t entries = 1'000'000;
};

// As many as an overlay can have.
inline constexpr std::size_t kMostLayers = 127;

// Unpacks a layer's tar archive (plain, gzip or zstd) into an empty folder, as overlayfs wants it:
// a deleted file becomes a 0/0 character device, a replaced folder gets trusted.overlay.opaque.
// Owners, modes, times, hard links, devices and extended attributes are kept; symbolic links
// inside the layer are followed within the folder only. Blocks; root. Returns what the files occupy, in whole
// blocks; a file system does not know it yet for a while after they were written. Throws Error that says which
// entry, and refuses archives with names that lead out of the folder and those that become larger than the
// limits; what it has made by then stays.
std::int64_t unpack_layer(const std::string& archive, const std::string& folder, const LayerLimits& limits = {});

}  // namespace sockerless::cloud
