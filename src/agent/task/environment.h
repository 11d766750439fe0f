#pragma once

#include <string>
#include <vector>

namespace sockerless::agent {

// The base with the changes applied as Docker does: NAME=VALUE replaces the variable in its place or
// is added at the end, NAME alone takes it away.
std::vector<std::string> merge_environment(const std::vector<std::string>& base,
                                           const std::vector<std::string>& changes);

}  // namespace sockerless::agent
