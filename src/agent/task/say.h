#pragma once

#include <string_view>

namespace sockerless::agent {

// Writes a line to stderr, which is the container's log: only for what its owner must know.
void say(std::string_view line);

}  // namespace sockerless::agent
