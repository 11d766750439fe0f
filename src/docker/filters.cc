#include "docker/filters.h"

#include <fmt/format.h>

// A client's pattern may not keep the daemon's only thread: the search gives up beyond this many steps.
#define BOOST_REGEX_MAX_STATE_COUNT 1000000
#include <boost/regex.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/json.h"

namespace sockerless::docker {
namespace {

Error invalid_filter() { return {ErrorKind::invalid_argument, "invalid filter"}; }

std::vector<std::string> read_values(const json::Value& value) {
  std::vector<std::string> values;
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) values.emplace_back(member.key());
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) {
      if (!item.is_string()) throw invalid_filter();
      values.emplace_back(item.get_string().c_str());
    }
  } else {
    throw invalid_filter();
  }
  return values;
}

// `wanted` is "key" or "key=value".
bool has_label(const std::map<std::string, std::string>& labels, const std::string& wanted) {
  const auto equals = wanted.find('=');
  const auto label = labels.find(wanted.substr(0, equals));
  return label != labels.end() && (equals == std::string::npos || label->second == wanted.substr(equals + 1));
}

}  // namespace

// A regular expression, compiled. One that is malformed is found nowhere, as with Docker.
class Filters::Pattern {
 public:
  explicit Pattern(const std::string& text) {
    try {
      expression_ = boost::regex(text);
    } catch (const boost::regex_error&) {
      is_valid_ = false;
    }
  }

  bool is_in(std::string_view text) const {
    if (!is_valid_) return false;
    try {
      return boost::regex_search(text.begin(), text.end(), expression_);
    } catch (const std::runtime_error&) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("the pattern '{}' takes too long to look for: write a simpler one", expression_.str()));
    }
  }

 private:
  boost::regex expression_;
  bool is_valid_ = true;
};

Filters Filters::parse(std::optional<std::string> json, std::initializer_list<std::string_view> accepted) {
  Filters filters;
  if (!json || json->empty()) return filters;
  json::Value document;
  try {
    document = json::parse_value(*json);
  } catch (const Error&) {
    throw invalid_filter();
  }
  const auto* object = document.if_object();
  if (object == nullptr) throw invalid_filter();
  for (const auto& member : *object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(accepted.begin(), accepted.end(), name) == accepted.end()) {
      throw Error(ErrorKind::invalid_argument, fmt::format("invalid filter '{}'", name));
    }
    auto values = read_values(member.value());
    if (!values.empty()) filters.values_[std::string(name)] = std::move(values);
  }
  return filters;
}

const std::vector<std::string>& Filters::values(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto found = values_.find(name);
  return found == values_.end() ? none : found->second;
}

const std::vector<Filters::Pattern>& Filters::compiled(std::string_view name) const {
  auto& patterns = patterns_[std::string(name)];
  if (!patterns) {
    patterns = std::make_shared<std::vector<Pattern>>();
    for (const std::string& text : values(name)) patterns->emplace_back(text);
  }
  return *patterns;
}

bool Filters::matches_exactly(std::string_view name, std::string_view text) const {
  if (!has(name)) return true;
  const auto& wanted = values(name);
  return std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

bool Filters::matches_pattern(std::string_view name, std::string_view text) const {
  if (!has(name)) return true;
  const auto& wanted = values(name);
  if (std::find(wanted.begin(), wanted.end(), text) != wanted.end()) return true;
  const auto& patterns = compiled(name);
  return std::any_of(patterns.begin(), patterns.end(), [&](const Pattern& pattern) { return pattern.is_in(text); });
}

std::optional<bool> Filters::flag(std::string_view name) const {
  if (!has(name)) return std::nullopt;
  const auto is_one_of = [&](std::initializer_list<std::string_view> words, const std::string& text) {
    return std::find(words.begin(), words.end(), text) != words.end();
  };
  std::optional<bool> value;
  for (const std::string& text : values(name)) {
    const bool is_true = is_one_of({"1", "t", "T", "true", "True", "TRUE"}, text);
    const bool is_false = is_one_of({"0", "f", "F", "false", "False", "FALSE"}, text);
    if ((!is_true && !is_false) || (value && *value != is_true)) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("invalid filter '{}={}'", name, fmt::join(values(name), " ")));
    }
    value = is_true;
  }
  return value;
}

bool Filters::lacks_labels(std::string_view name, const std::map<std::string, std::string>& labels) const {
  return std::none_of(values(name).begin(), values(name).end(),
                      [&](const std::string& unwanted) { return has_label(labels, unwanted); });
}

bool Filters::matches_labels(std::string_view name, const std::map<std::string, std::string>& labels) const {
  return std::all_of(values(name).begin(), values(name).end(),
                     [&](const std::string& wanted) { return has_label(labels, wanted); });
}

}  // namespace sockerless::docker
