#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/protocol/bytes.h"

namespace sockerless::agent {

// A TCP connection within the task, to its loopback address.
struct DialParameters {
  std::uint16_t port = 0;
};

inline std::string encode(const DialParameters& parameters) {
  std::string out;
  ByteWriter(out).u16(parameters.port);
  return out;
}

inline std::optional<DialParameters> decode_dial(std::string_view parameters) {
  ByteReader reader(parameters);
  const DialParameters decoded{.port = reader.u16()};
  if (!reader.ok() || decoded.port == 0) return std::nullopt;
  return decoded;
}

}  // namespace sockerless::agent
