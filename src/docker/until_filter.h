#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "docker/filters.h"

namespace sockerless::docker {

// "1h30m", "500ms", "1.5h", as Go reads durations; nothing for what is none.
std::optional<std::chrono::nanoseconds> parse_go_duration(std::string_view text);

// The time of the filter `until`: a time stamp, or a duration before now. Nothing without the filter.
// Throws Error(invalid_argument).
std::optional<Time> parse_until_filter(const Filters& filters, Time now);

}  // namespace sockerless::docker
