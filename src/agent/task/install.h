#pragma once

#include <string>

namespace sockerless::agent {

// Copies the running program into a folder as sockerless-agent. Empty, or why that failed.
std::string install(const std::string& folder);

}  // namespace sockerless::agent
