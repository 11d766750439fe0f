#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace sockerless::docker {

// The `since` and `until` of logs and events: "1795450281", "1795450281.25", or RFC 3339. "" and
// "0" are none. Throws Error(invalid_argument) in Docker's words, which name the parameter.
std::optional<Time> parse_stream_time(std::string_view parameter, std::string_view text);

// The prefix of `logs -t`: RFC 3339 with exactly nine fractional digits.
std::string format_log_time(Time time);

}  // namespace sockerless::docker
