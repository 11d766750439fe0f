#pragma once

#include <string_view>

namespace sockerless::core {

// "9", "KILL", "SIGKILL", "RTMIN+3". Throws Error(invalid_argument) with Docker's sentence.
int parse_signal(std::string_view text);

}  // namespace sockerless::core
