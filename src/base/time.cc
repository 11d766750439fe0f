#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

namespace sockerless {
namespace {

std::tm utc(std::chrono::seconds since_epoch) {
  const std::time_t seconds = since_epoch.count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return parts;
}

constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Reads exactly `digits` digits at the front of text and removes them.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + digits, value);
  if (ec != std::errc{} || end != text.data() + digits || value < 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || std::tolower(text.front()) != std::tolower(expected)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& text) {
  std::int64_t nanos = 0;
  std::int64_t unit = 100'000'000;
  std::size_t at = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
    nanos += (text[at] - '0') * unit;
  }
  if (at == 0) return std::nullopt;
  text.remove_prefix(at);
  return std::chrono::nanoseconds(nanos);
}

// The zone's distance from UTC in minutes.
std::optional<int> take_zone(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const bool east = take(text, '+');
  if (!east && !take(text, '-')) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (east ? 1 : -1) * (*hours * 60 + *minutes);
}

// Seconds since the epoch of a civil time in UTC; nullopt if a part is out of range.
std::optional<std::chrono::seconds> civil(std::tm parts) {
  std::tm normal = parts;
  const std::time_t seconds = timegm(&normal);
  if (normal.tm_mday != parts.tm_mday || normal.tm_mon != parts.tm_mon || normal.tm_hour != parts.tm_hour ||
      normal.tm_min != parts.tm_min || normal.tm_sec != parts.tm_sec) {
    return std::nullopt;
  }
  return std::chrono::seconds(seconds);
}

// Nanoseconds in 64 bits reach to 2262: what is later becomes the last of them. What is early ends in 1823, half of
// what they hold, so that the distance from any present can be told. Compared in seconds: there is room for all of
// them.
Time time_of(std::chrono::seconds seconds, std::chrono::nanoseconds fraction) {
  constexpr std::chrono::seconds kEarliest(-4'611'686'018);
  constexpr std::chrono::seconds kLatest(9'223'372'035);
  if (seconds > kLatest) return Time::max();
  if (seconds < kEarliest) return Time(kEarliest);
  return Time(seconds + fraction);
}

}  // namespace

std::string format_rfc3339_nano(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  const auto nanos = (time.time_since_epoch() - seconds).count();
  const std::tm parts = utc(seconds);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                                 parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (nanos != 0) {
    std::string fraction = fmt::format("{:09}", nanos);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + "Z";
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  std::tm parts{};
  const auto field = [&](std::size_t digits, char after, int& out, int offset) {
    const auto value = take_number(text, digits);
    if (!value || (after != 0 && !take(text, after))) return false;
    out = *value + offset;
    return true;
  };
  if (!field(4, '-', parts.tm_year, -1900) || !field(2, '-', parts.tm_mon, -1) || !field(2, 'T', parts.tm_mday, 0) ||
      !field(2, ':', parts.tm_hour, 0) || !field(2, ':', parts.tm_min, 0) || !field(2, 0, parts.tm_sec, 0)) {
    return std::nullopt;
  }
  std::chrono::nanoseconds fraction{0};
  if (take(text, '.')) {
    const auto nanos = take_fraction(text);
    if (!nanos) return std::nullopt;
    fraction = *nanos;
  }
  const auto zone = take_zone(text);
  const auto seconds = civil(parts);
  if (!zone || !seconds || !text.empty()) return std::nullopt;
  return time_of(*seconds - std::chrono::minutes(*zone), fraction);
}

std::string format_iso8601_basic(Time time) {
  const auto parts = utc(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string format_http_date(Time time) {
  const auto parts = utc(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday], parts.tm_mday,
                     kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::optional<Time> parse_http_date(std::string_view text) {
  std::tm parts{};
  const std::string owned(text);
  const char* end = strptime(owned.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const auto seconds = civil(parts);
  if (!seconds) return std::nullopt;
  return time_of(*seconds, std::chrono::nanoseconds(0));
}

double to_epoch_seconds(Time time) {
  return static_cast<double>(std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count()) / 1000.0;
}

Time from_epoch_seconds(double seconds) { return Time(std::chrono::milliseconds(std::llround(seconds * 1000.0))); }

}  // namespace sockerless
