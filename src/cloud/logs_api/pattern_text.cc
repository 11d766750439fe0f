#include "cloud/logs_api/pattern_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace sockerless::cloud::logs {
namespace {

using Operator = Comparison::Operator;

constexpr int kMostRegexes = 2;

bool matches_text(std::string_view value, std::string_view literal) {
  const bool open_begin = literal.size() > 1 && literal.front() == '*';
  const bool open_end = !literal.empty() && literal.back() == '*';
  if (open_begin) literal.remove_prefix(1);
  if (open_end) literal.remove_suffix(1);
  if (open_begin && open_end) return value.find(literal) != std::string_view::npos;
  if (open_begin) return value.ends_with(literal);
  if (open_end) return value.starts_with(literal);
  return value == literal;
}

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

}  // namespace

ApiError invalid_pattern(const std::string& why) { return invalid_parameter("Invalid filter pattern: " + why); }

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

bool Comparison::holds_for(std::string_view value) const {
  if (regex) return regex->matches(value) == (operation == Operator::equal);
  const auto other = number ? parse_number(value) : std::nullopt;
  switch (operation) {
    case Operator::equal: return other ? *other == *number : matches_text(value, literal);
    case Operator::not_equal: return other ? *other != *number : !matches_text(value, literal);
    case Operator::less: return other && *other < *number;
    case Operator::at_most: return other && *other <= *number;
    case Operator::greater: return other && *other > *number;
    case Operator::at_least: return other && *other >= *number;
  }
  return false;
}

void PatternText::skip_space() {
  while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
}

bool PatternText::is_at_end() {
  skip_space();
  return rest_.empty();
}

char PatternText::peek() {
  skip_space();
  return rest_.empty() ? '\0' : rest_.front();
}

bool PatternText::take(std::string_view text) {
  skip_space();
  if (!rest_.starts_with(text)) return false;
  rest_.remove_prefix(text.size());
  return true;
}

bool PatternText::take_word(std::string_view word) {
  skip_space();
  const auto same = [](char left, char right) {
    return std::tolower(static_cast<unsigned char>(left)) == std::tolower(static_cast<unsigned char>(right));
  };
  if (rest_.size() < word.size() || !std::equal(word.begin(), word.end(), rest_.begin(), same)) return false;
  if (rest_.size() > word.size() && std::isalnum(static_cast<unsigned char>(rest_[word.size()])) != 0) return false;
  rest_.remove_prefix(word.size());
  return true;
}

void PatternText::expect(std::string_view text) {
  if (!take(text)) throw invalid_pattern(fmt::format("\"{}\" is expected before \"{}\"", text, rest_.substr(0, 20)));
}

std::string PatternText::take_until(std::string_view characters) {
  skip_space();
  const auto end = std::min(rest_.find_first_of(characters), rest_.size());
  std::string taken(rest_.substr(0, end));
  rest_.remove_prefix(end);
  while (!taken.empty() && is_space(taken.back())) taken.pop_back();
  return taken;
}

std::string PatternText::take_literal() {
  if (!take("\"")) return take_until(" \t,)]}&|");
  std::string literal;
  while (!rest_.empty() && rest_.front() != '"') {
    if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
    literal += rest_.front();
    rest_.remove_prefix(1);
  }
  if (rest_.empty()) throw invalid_pattern("a quotation mark is missing");
  rest_.remove_prefix(1);
  return literal;
}

std::optional<Comparison> PatternText::take_comparison() {
  Comparison comparison;
  if (take("!=")) {
    comparison.operation = Operator::not_equal;
  } else if (take("<=")) {
    comparison.operation = Operator::at_most;
  } else if (take(">=")) {
    comparison.operation = Operator::at_least;
  } else if (take("<")) {
    comparison.operation = Operator::less;
  } else if (take(">")) {
    comparison.operation = Operator::greater;
  } else if (!take("=")) {
    return std::nullopt;
  }
  take_value(comparison);
  const bool is_order = comparison.operation != Operator::equal && comparison.operation != Operator::not_equal;
  if (is_order && !comparison.number) throw invalid_pattern("only numbers have an order");
  return comparison;
}

void PatternText::take_value(Comparison& comparison) {
  const char first = peek();
  if (first == '%') {
    comparison.regex = take_regex();
    return;
  }
  comparison.literal = take_literal();
  if (comparison.literal.empty() && first != '"') throw invalid_pattern("a value is missing");
  comparison.number = parse_number(comparison.literal);
}

std::shared_ptr<const LogRegex> PatternText::take_regex() {
  expect("%");
  if (++regexes_ > kMostRegexes) {
    throw invalid_pattern(fmt::format("a pattern has {} regular expressions at most", kMostRegexes));
  }
  std::size_t end = 0;
  while (end < rest_.size() && rest_[end] != '%') end += rest_[end] == '\\' ? 2 : 1;
  if (end >= rest_.size()) throw invalid_pattern("a percent sign is missing");
  auto regex = std::make_shared<const LogRegex>(rest_.substr(0, end));
  rest_.remove_prefix(end + 1);
  return regex;
}

}  // namespace sockerless::cloud::logs
