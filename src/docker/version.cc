#include "docker/version.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/error.h"

namespace sockerless::docker {
namespace {

std::optional<ApiVersion> parse(std::string_view text) {
  ApiVersion version;
  const char* end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, version.major);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  if (minor.ec != std::errc{} || minor.ptr != end) return std::nullopt;
  return version;
}

}  // namespace

std::string ApiVersion::text() const { return fmt::format("{}.{}", major, minor); }

ApiVersion take_version(std::string& path) {
  if (!path.starts_with("/v")) return kNewest;
  const auto slash = std::min(path.find('/', 1), path.size());
  const auto version = parse(std::string_view(path).substr(2, slash - 2));
  if (!version) return kNewest;  // "/volumes" and the like
  if (*version > kNewest) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("client version {} is too new. Maximum supported API version is {}", version->text(),
                            kNewest.text()));
  }
  if (*version < kOldest) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("client version {} is too old. Minimum supported API version is {}, "
                            "please upgrade your client to a newer version",
                            version->text(), kOldest.text()));
  }
  path.erase(0, slash);
  if (path.empty()) path = "/";
  return *version;
}

}  // namespace sockerless::docker
