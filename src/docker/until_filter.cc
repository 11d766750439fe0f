#include "docker/until_filter.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "docker/stream_time.h"

namespace sockerless::docker {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};

// The longer names first.
constexpr std::array<Unit, 7> kUnits{Unit{"ns", 1},  Unit{"us", 1e3}, Unit{"\u00b5s", 1e3}, Unit{"ms", 1e6},
                                     Unit{"s", 1e9}, Unit{"m", 60e9}, Unit{"h", 3600e9}};
constexpr double kLongest = 9.2e18;

const Unit* unit_at(std::string_view text) {
  for (const Unit& unit : kUnits) {
    if (text.starts_with(unit.name)) return &unit;
  }
  return nullptr;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_go_duration(std::string_view text) {
  if (text == "0") return std::chrono::nanoseconds(0);
  double total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto length = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string number(text.substr(0, length));
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    if (number.empty() || end != number.c_str() + number.size()) return std::nullopt;
    text.remove_prefix(length);
    const Unit* unit = unit_at(text);
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(unit->name.size());
    total += value * unit->nanoseconds;
  }
  if (!std::isfinite(total) || total > kLongest) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(total));
}

std::optional<Time> parse_until_filter(const Filters& filters, Time now) {
  if (!filters.has("until")) return std::nullopt;
  const auto& values = filters.values("until");
  if (values.size() > 1) throw Error(ErrorKind::invalid_argument, "more than one until filter specified");
  if (const auto ago = parse_go_duration(values.front())) return now - *ago;
  return parse_stream_time("until", values.front());
}

}  // namespace sockerless::docker
