#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sockerless::cloud {

struct User {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> additional_gids;  // the primary one first
  std::string home = "/";
};

// Looks up "", uid, name, uid:gid or name:group in the passwd and group files below `root`, by
// Docker's rules. Throws Error(invalid_argument) with Docker's text.
User find_user(const std::string& root, const std::string& text);

}  // namespace sockerless::cloud
