#include "cloud/logs_api/filter_pattern.h"

#include <algorithm>

#include "cloud/logs_api/pattern_text.h"

namespace sockerless::cloud::logs {
namespace {

// Takes one term, quoted or not, off the front of `text`.
std::string take_term(std::string_view& text) {
  if (text.empty() || text[0] != '"') {
    const auto end = std::min(text.find(' '), text.size());
    std::string term(text.substr(0, end));
    text.remove_prefix(end);
    return term;
  }
  std::string term;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      term += text[++at];
    } else if (text[at] == '"') {
      text.remove_prefix(at + 1);
      return term;
    } else {
      term += text[at];
    }
  }
  throw invalid_pattern("a quotation mark is missing");
}

bool contains(std::string_view message, const std::string& term) {
  return message.find(term) != std::string_view::npos;
}

Matches parse_regex_pattern(std::string_view pattern) {
  PatternText text(pattern);
  auto regex = text.take_regex();
  if (!text.is_at_end()) throw invalid_pattern("a regular expression stands alone");
  return [regex = std::move(regex)](std::string_view message) { return regex->matches(message); };
}

}  // namespace

FilterPattern::FilterPattern(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.starts_with('{')) matches_ = parse_json_pattern(text);
  if (text.starts_with('[')) matches_ = parse_fields_pattern(text);
  if (text.starts_with('%')) matches_ = parse_regex_pattern(text);
  if (matches_) return;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return;
    if (text[0] == '%') throw invalid_pattern("a regular expression stands alone");
    const char sign = text[0];
    if (sign == '-' || sign == '?') text.remove_prefix(1);
    std::string term = take_term(text);
    if (term.empty()) continue;
    (sign == '-' ? excluded_ : sign == '?' ? alternatives_ : required_).push_back(std::move(term));
  }
}

bool FilterPattern::matches(std::string_view message) const {
  if (matches_) return matches_(message);
  const auto occurs = [&](const std::string& term) { return contains(message, term); };
  return std::all_of(required_.begin(), required_.end(), occurs) &&
         std::none_of(excluded_.begin(), excluded_.end(), occurs) &&
         (alternatives_.empty() || std::any_of(alternatives_.begin(), alternatives_.end(), occurs));
}

}  // namespace sockerless::cloud::logs
