#include <algorithm>
#include <vector>

#include "cloud/logs_api/pattern_text.h"
#include "cloud/logs_api/structured_patterns.h"

namespace sockerless::cloud::logs {
namespace {

constexpr std::string_view kNameEnd = " \t,]=!<>&|";

// What one field must be: alternatives, each of which is a list of comparisons that all hold. No
// alternative at all is any field.
struct FieldTest {
  std::string name;
  std::vector<std::vector<Comparison>> alternatives;

  bool holds_for(std::string_view field) const {
    const auto all_hold = [&](const std::vector<Comparison>& all) {
      return std::all_of(all.begin(), all.end(), [&](const Comparison& one) { return one.holds_for(field); });
    };
    return alternatives.empty() || std::any_of(alternatives.begin(), alternatives.end(), all_hold);
  }
};

struct FieldsPattern {
  std::vector<FieldTest> before;  // the "..."
  std::vector<FieldTest> behind;
  bool has_gap = false;
};

FieldTest take_field(PatternText& text) {
  FieldTest test;
  test.name = text.take_until(kNameEnd);
  auto comparison = text.take_comparison();
  if (!comparison) return test;
  test.alternatives.push_back({*comparison});
  for (;;) {
    const bool is_and = text.take("&&");
    if (!is_and && !text.take("||")) return test;
    const std::string name = text.take_until(kNameEnd);
    if (name != test.name) throw invalid_pattern("the conditions of a field begin with its name");
    comparison = text.take_comparison();
    if (!comparison) throw invalid_pattern("an operator is missing");
    if (!is_and) test.alternatives.emplace_back();
    test.alternatives.back().push_back(*comparison);
  }
}

// In quotes or brackets, or up to the next space.
std::string_view take_message_field(std::string_view& rest) {
  const char open = rest.front();
  const char close = open == '"' ? '"' : open == '[' ? ']' : ' ';
  const bool is_enclosed = close != ' ';
  const auto end = rest.find(close, is_enclosed ? 1 : 0);
  const bool is_whole = end != std::string_view::npos;
  const auto stop = is_whole ? end : rest.size();
  const std::string_view field = is_enclosed && is_whole ? rest.substr(1, stop - 1) : rest.substr(0, stop);
  rest.remove_prefix(std::min(rest.size(), stop + (is_enclosed && is_whole ? 1 : 0)));
  return field;
}

std::vector<std::string_view> fields_of(std::string_view message) {
  std::vector<std::string_view> fields;
  for (;;) {
    message.remove_prefix(std::min(message.find_first_not_of(' '), message.size()));
    if (message.empty()) return fields;
    fields.push_back(take_message_field(message));
  }
}

bool matches(const FieldsPattern& pattern, std::string_view message) {
  const std::vector<std::string_view> fields = fields_of(message);
  const std::size_t named = pattern.before.size() + pattern.behind.size();
  if (pattern.has_gap ? fields.size() < named : fields.size() != named) return false;
  const auto holds = [](const FieldTest& test, std::string_view field) { return test.holds_for(field); };
  return std::equal(pattern.before.begin(), pattern.before.end(), fields.begin(), holds) &&
         std::equal(pattern.behind.begin(), pattern.behind.end(),
                    fields.end() - static_cast<std::ptrdiff_t>(pattern.behind.size()), holds);
}

}  // namespace

Matches parse_fields_pattern(std::string_view given) {
  PatternText text(given);
  FieldsPattern pattern;
  text.expect("[");
  if (!text.take("]")) {
    do {
      if (text.take("...")) {
        if (pattern.has_gap) throw invalid_pattern("\"...\" can stand once only");
        pattern.has_gap = true;
      } else {
        (pattern.has_gap ? pattern.behind : pattern.before).push_back(take_field(text));
      }
    } while (text.take(","));
    text.expect("]");
  }
  if (!text.is_at_end()) throw invalid_pattern("there is something behind the closing bracket");
  return [pattern = std::move(pattern)](std::string_view message) { return matches(pattern, message); };
}

}  // namespace sockerless::cloud::logs
