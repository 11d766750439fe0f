#pragma once

#include <string>

namespace sockerless::cloud {

// Unpacks a layer's tar archive (plain, gzip or zstd) into an empty folder, as overlayfs wants it:
// a deleted file becomes a 0/0 character device, a replaced folder gets trusted.overlay.opaque.
// Owners, modes, times, hard links, devices and extended attributes are kept; symbolic links
// inside the layer are followed within the folder only. Blocks; root. Throws Error that says which
// entry, and refuses archives with names that lead out of the folder.
void unpack_layer(const std::string& archive, const std::string& folder);

}  // namespace sockerless::cloud
