#pragma once

#include <string>
#include <vector>

namespace sockerless::cloud {

// Mounts an overlayfs on the folder `target`: `layers` (lowest first, any number that the kernel
// takes) below a writable one that is kept in `upper` and `work`. Throws std::system_error.
void mount_overlay(const std::vector<std::string>& layers, const std::string& upper, const std::string& work,
                   const std::string& target);

// Unmounts if mounted; what still uses the mount keeps it until it ends.
void unmount(const std::string& target);

// Mount points at or below the folder, the last mounted first.
std::vector<std::string> mounts_below(const std::string& folder);

}  // namespace sockerless::cloud
