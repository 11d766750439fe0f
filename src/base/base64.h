#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sockerless {

// RFC 4648 with padding.
std::string base64_encode(std::string_view bytes);

// Takes the standard and the URL-safe alphabet, with or without padding; nullopt for anything else.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace sockerless
