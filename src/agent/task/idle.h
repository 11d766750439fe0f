#pragma once

#include <string>
#include <vector>

namespace sockerless::agent {

// The commands that people give a container which shall only stay: `tail -f /dev/null` and `sleep
// infinity`. In an image without these programs the agent's own program takes their place, by the
// same arguments.
bool is_idle_command(const std::vector<std::string>& arguments);

// Stays until a signal ends it.
[[noreturn]] void idle();

}  // namespace sockerless::agent
