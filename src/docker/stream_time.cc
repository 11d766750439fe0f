#include "docker/stream_time.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"

namespace sockerless::docker {
namespace {

// As far as nanoseconds since 1970 reach in 64 bits: the year 2262.
constexpr std::int64_t kLastSecond = 9'223'372'035;
// Half of it: the distance from any present can be told.
constexpr std::int64_t kFirstSecond = -4'611'686'018;

std::optional<std::int64_t> to_number(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (ec != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Time> parse_stream_time(std::string_view parameter, std::string_view text) {
  if (text.empty() || text == "0") return std::nullopt;
  if (const auto time = parse_rfc3339(text)) return time;
  const auto dot = std::min(text.find('.'), text.size());
  const auto seconds = to_number(text.substr(0, dot));
  std::string fraction(text.substr(std::min(dot + 1, text.size())));
  fraction.resize(9, '0');
  const auto nanos = to_number(fraction);
  if (!seconds || !nanos) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("invalid value for \"{0}\": invalid timestamp \"{1}\": strconv.ParseInt: "
                            "parsing \"{1}\": invalid syntax",
                            parameter, text));
  }
  const auto reachable = std::clamp(*seconds, kFirstSecond, kLastSecond);
  return Time(std::chrono::seconds(reachable) + std::chrono::nanoseconds(*nanos));
}

std::string format_log_time(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  std::string text = format_rfc3339_nano(Time(seconds));
  text.pop_back();
  return fmt::format("{}.{:09}Z", text, (time - seconds).count());
}

}  // namespace sockerless::docker
