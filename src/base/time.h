#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sockerless {

// A moment of wall-clock time, UTC.
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

// RFC 3339 with up to nine fractional digits and no trailing zeros, as Go prints time.RFC3339Nano.
std::string format_rfc3339_nano(Time time);

// RFC 3339 with a numeric zone or Z. nullopt if the text is no such time.
std::optional<Time> parse_rfc3339(std::string_view text);

// "20150830T123600Z", the form that AWS signatures use.
std::string format_iso8601_basic(Time time);

// The Date header of HTTP, "Tue, 24 Nov 2026 05:46:32 GMT".
std::optional<Time> parse_http_date(std::string_view text);
std::string format_http_date(Time time);

// Seconds since the epoch with a fraction, as AWS's JSON protocol carries timestamps.
double to_epoch_seconds(Time time);
Time from_epoch_seconds(double seconds);

}  // namespace sockerless
