#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sockerless {

// SHA-1 for the WebSocket handshake, where RFC 6455 asks for it; nothing else may rely on it.
std::array<std::uint8_t, 20> sha1(std::string_view message);

std::string base64(std::string_view bytes);

}  // namespace sockerless
