#include "core/image_source.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"

namespace sockerless::core {
namespace {

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lowered;
}

struct Alias {
  std::string_view name;
  std::string_view architecture;
  std::string_view variant;
};

constexpr std::array<Alias, 6> kAliases{{{"x86_64", "amd64", ""},
                                         {"x86-64", "amd64", ""},
                                         {"aarch64", "arm64", ""},
                                         {"armhf", "arm", "v7"},
                                         {"armel", "arm", "v6"},
                                         {"i386", "386", ""}}};

constexpr std::array<std::string_view, 12> kArchitectures{
    "386", "amd64", "arm", "arm64", "loong64", "mips64le", "mips64", "ppc64", "ppc64le", "riscv64", "s390x", "wasm"};

}  // namespace

std::string Platform::text() const { return os + "/" + architecture + (variant.empty() ? "" : "/" + variant); }

Platform parse_platform(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return Error(ErrorKind::invalid_argument, fmt::format("\"{}\": {}: invalid argument", text, why));
  };
  std::vector<std::string> parts{""};
  for (const char c : lower(text)) {
    if (c == '/') {
      parts.emplace_back();
    } else if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-') {
      parts.back() += c;
    } else {
      throw bad(fmt::format("\"{}\" is an invalid component", text));
    }
  }
  if (parts.size() > 3) throw bad("invalid platform");
  for (const std::string& part : parts) {
    if (part.empty()) throw bad("\"\" is an invalid component");
  }

  Platform platform;
  if (parts.size() == 1) {
    platform.architecture = parts[0];
  } else {
    platform.os = parts[0];
    platform.architecture = parts[1];
  }
  for (const Alias& alias : kAliases) {
    if (platform.architecture != alias.name) continue;
    platform.architecture = alias.architecture;
    platform.variant = alias.variant;
    break;
  }
  if (parts.size() == 3) platform.variant = parts[2];
  // One part alone may be an operating system too: "linux" means this one on the default machine.
  const bool known =
      std::find(kArchitectures.begin(), kArchitectures.end(), platform.architecture) != kArchitectures.end();
  if (parts.size() == 1 && !known) {
    if (parts[0] != "linux" && parts[0] != "windows") {
      throw bad("unknown operating system or architecture");
    }
    platform.os = parts[0];
    platform.architecture = "amd64";
  }
  return platform;
}

}  // namespace sockerless::core
