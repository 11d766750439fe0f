#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::docker {

// The `filters` parameter of list calls: {"label":{"a=b":true}} from Go clients, {"label":["a=b"]}
// from others. Values under one name are alternatives, save for labels, which must all match.
class Filters {
 public:
  Filters() = default;

  // Throws Error(invalid_argument): `invalid filter` for what is no such JSON, `invalid filter 'x'`
  // for a name that is not among `accepted`.
  static Filters parse(std::optional<std::string> json, std::initializer_list<std::string_view> accepted);

  bool has(std::string_view name) const { return values_.contains(name); }
  const std::vector<std::string>& values(std::string_view name) const;

  // True without such a filter, or if one of its values is exactly `text`.
  bool matches_exactly(std::string_view name, std::string_view text) const;
  // True without such a filter, or if one of its values, a regular expression, is found in `text`. Throws
  // Error(invalid_argument) for a pattern whose search takes too long.
  bool matches_pattern(std::string_view name, std::string_view text) const;
  // The value of a filter that is yes or no; nothing without such a filter. Throws
  // Error(invalid_argument) for another value.
  std::optional<bool> flag(std::string_view name) const;
  // True if none of the "key" or "key=value" under the name is among the labels.
  bool lacks_labels(std::string_view name, const std::map<std::string, std::string>& labels) const;
  // True if every "key" or "key=value" under the name is among the labels.
  bool matches_labels(std::string_view name, const std::map<std::string, std::string>& labels) const;

 private:
  class Pattern;
  const std::vector<Pattern>& compiled(std::string_view name) const;

  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  // Made when they are first looked for: a list asks for every row.
  mutable std::map<std::string, std::shared_ptr<std::vector<Pattern>>> patterns_;
};

}  // namespace sockerless::docker
