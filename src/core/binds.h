#pragma once

#include <string>
#include <string_view>

#include "core/mount_point.h"

namespace sockerless::core {

// What becomes of a file or folder of the daemon's host that a container binds (SOCKERLESS_BINDS): an
// empty folder in the task, a copy, or a refusal.
enum class BindPolicy { empty, copy, refuse };

// Throws Error(invalid_argument) for another word.
BindPolicy parse_bind_policy(std::string_view text);

// Throws Error(invalid_argument) for a bind that there cannot be.
void check_bind(const MountPoint& mount, BindPolicy policy);

// Decides what the bind is in the task, notes it in the mount, and returns what the client has to know.
std::string take_bind(MountPoint& mount, BindPolicy policy);

}  // namespace sockerless::core
