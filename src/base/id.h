#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sockerless {

// Cryptographically random bytes, as lower-case hexadecimal: two characters a byte.
std::string random_hex(std::size_t bytes);

// Random (version 4) UUID with dashes.
std::string random_uuid();

// Compares without telling by its duration where the texts differ.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace sockerless
