#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cloud/front/api_error.h"
#include "cloud/logs_api/log_regex.h"

// What the kinds of filter patterns have in common: reading their text, and comparing values.
namespace sockerless::cloud::logs {

ApiError invalid_pattern(const std::string& why);

// A comparison of a value with a literal, in which a "*" at either end stands for anything, or with a
// regular expression.
struct Comparison {
  enum class Operator { equal, not_equal, less, at_most, greater, at_least };

  Operator operation = Operator::equal;
  std::string literal;
  std::optional<double> number;           // if the literal is one
  std::shared_ptr<const LogRegex> regex;  // in place of the literal

  // Numbers are compared as numbers, where both are; an order of anything else does not hold.
  bool holds_for(std::string_view value) const;
};

std::optional<double> parse_number(std::string_view text);

// Reads a pattern from its begin to its end. Throws invalid_pattern.
class PatternText {
 public:
  explicit PatternText(std::string_view text) : rest_(text) {}

  bool is_at_end();
  // Skips the text, with space before it, if it comes next.
  bool take(std::string_view text);
  // The same for a word, whatever its case, that no letter follows.
  bool take_word(std::string_view word);
  void expect(std::string_view text);
  // What comes before any of the characters.
  std::string take_until(std::string_view characters);
  // An operator and its literal; nullopt if there is no operator.
  std::optional<Comparison> take_comparison();
  // A regular expression between percent signs.
  std::shared_ptr<const LogRegex> take_regex();
  char peek();

 private:
  void skip_space();
  std::string take_literal();
  void take_value(Comparison& comparison);

  std::string_view rest_;
  int regexes_ = 0;
};

}  // namespace sockerless::cloud::logs
