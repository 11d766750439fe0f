#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace sockerless::docker {

// A version of the Engine API, "1.41".
struct ApiVersion {
  int major = 0;
  int minor = 0;
  // clang-tidy 14 takes the generated comparison with 0 for a null pointer.
  auto operator<=>(const ApiVersion&) const = default;  // NOLINT(modernize-use-nullptr)
  std::string text() const;
};

// The window that is served. 1.51 is the newest that every current client accepts without the shape
// changes of 1.52; 1.24 keeps old ones working.
inline constexpr ApiVersion kNewest{1, 51};
inline constexpr ApiVersion kOldest{1, 24};

// The engine whose behaviour that is; clients show it and some compare it.
inline constexpr std::string_view kEngineVersion = "28.5.1";

// Takes "/vX.Y" off the front of the path; a path without it means the newest version. Throws
// Error(invalid_argument) with Docker's sentences for a version outside the window.
ApiVersion take_version(std::string& path);

}  // namespace sockerless::docker
