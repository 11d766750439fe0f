#include <charconv>
#include <vector>

#include "base/json.h"
#include "cloud/logs_api/pattern_text.h"
#include "cloud/logs_api/structured_patterns.h"

namespace sockerless::cloud::logs {
namespace {

using Condition = std::function<bool(const json::Value&)>;

constexpr int kDeepest = 100;

// One step of a selector: a member, or an index.
struct Step {
  std::string member;
  std::optional<std::size_t> index;
};

const json::Value* select(const json::Value& document, const std::vector<Step>& path) {
  const json::Value* at = &document;
  for (const Step& step : path) {
    if (step.index) {
      const auto* array = at->if_array();
      if (array == nullptr || *step.index >= array->size()) return nullptr;
      at = &(*array)[*step.index];
    } else {
      const auto* object = at->if_object();
      at = object != nullptr ? object->if_contains(step.member) : nullptr;
      if (at == nullptr) return nullptr;
    }
  }
  return at;
}

std::vector<Step> take_selector(PatternText& text) {
  std::vector<Step> path;
  text.expect("$");
  for (;;) {
    if (text.take("[")) {
      const std::string number = text.take_until("]");
      std::size_t index = 0;
      const auto parsed = std::from_chars(number.data(), number.data() + number.size(), index);
      if (parsed.ec != std::errc{} || parsed.ptr != number.data() + number.size()) {
        throw invalid_pattern("an index is a number");
      }
      text.expect("]");
      path.push_back({"", index});
    } else if (text.take(".")) {
      const std::string member = text.take_until(".[ \t=!<>&|)}");
      if (member.empty()) throw invalid_pattern("the name of a member is missing");
      path.push_back({member, std::nullopt});
    } else {
      if (path.empty()) throw invalid_pattern("\"$\" is followed by \".\" and a member");
      return path;
    }
  }
}

std::string text_of(const json::Value& value) {
  return value.is_string() ? json::from_value<std::string>(value) : json::to_text(value);
}

Condition take_test(PatternText& text) {
  const std::vector<Step> path = take_selector(text);
  if (auto comparison = text.take_comparison()) {
    return [path, comparison = *comparison](const json::Value& document) {
      const json::Value* value = select(document, path);
      return value != nullptr && comparison.holds_for(text_of(*value));
    };
  }
  if (text.take_word("NOT")) {
    if (!text.take_word("EXISTS")) throw invalid_pattern("NOT is followed by EXISTS");
    return [path](const json::Value& document) { return select(document, path) == nullptr; };
  }
  if (!text.take_word("IS")) throw invalid_pattern("an operator is missing");
  const bool is_true = text.take_word("TRUE");
  if (is_true || text.take_word("FALSE")) {
    return [path, is_true](const json::Value& document) {
      const json::Value* value = select(document, path);
      return value != nullptr && value->is_bool() && value->get_bool() == is_true;
    };
  }
  if (!text.take_word("NULL")) throw invalid_pattern("IS is followed by TRUE, FALSE or NULL");
  return [path](const json::Value& document) {
    const json::Value* value = select(document, path);
    return value != nullptr && value->is_null();
  };
}

Condition take_any(PatternText& text, int depth);

Condition take_one(PatternText& text, int depth) {
  if (depth > kDeepest) throw invalid_pattern("too many parentheses");
  if (!text.take("(")) return take_test(text);
  Condition inner = take_any(text, depth + 1);
  text.expect(")");
  return inner;
}

Condition take_all(PatternText& text, int depth) {
  Condition all = take_one(text, depth);
  while (text.take("&&")) {
    all = [left = std::move(all), right = take_one(text, depth)](const json::Value& document) {
      return left(document) && right(document);
    };
  }
  return all;
}

Condition take_any(PatternText& text, int depth) {
  Condition any = take_all(text, depth);
  while (text.take("||")) {
    any = [left = std::move(any), right = take_all(text, depth)](const json::Value& document) {
      return left(document) || right(document);
    };
  }
  return any;
}

}  // namespace

Matches parse_json_pattern(std::string_view pattern) {
  PatternText text(pattern);
  text.expect("{");
  Condition condition = take_any(text, 0);
  text.expect("}");
  if (!text.is_at_end()) throw invalid_pattern("there is something behind the closing brace");
  return [condition = std::move(condition)](std::string_view message) {
    if (message.find('{') == std::string_view::npos) return false;
    try {
      const json::Value document = json::parse_value(message);
      return document.is_object() && condition(document);
    } catch (const Error&) {
      return false;  // no JSON: the pattern is not about this event
    }
  };
}

}  // namespace sockerless::cloud::logs
