#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "core/build/dockerfile.h"

namespace sockerless::core::build {
namespace {

constexpr std::string_view kBlanks = " \t\v\f\r\n";

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

// Follows quotes and escapes through a word.
class QuoteState {
 public:
  explicit QuoteState(char escape) : escape_(escape) {}

  // True if the character stands outside of quotes and behind no escape.
  bool is_plain(char c) {
    if (is_escaped_) {
      is_escaped_ = false;
      return false;
    }
    if (c == escape_ && quote_ != '\'') {
      is_escaped_ = true;
      return false;
    }
    if (quote_ != 0) {
      if (c == quote_) quote_ = 0;
      return false;
    }
    if (c == '"' || c == '\'') {
      quote_ = c;
      return false;
    }
    return true;
  }

 private:
  char escape_;
  char quote_ = 0;
  bool is_escaped_ = false;
};

template <int (*Convert)(int)>
std::string converted(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(Convert(static_cast<unsigned char>(c)));
  return result;
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string to_lower(std::string_view text) { return converted<std::tolower>(text); }

std::string to_upper(std::string_view text) { return converted<std::toupper>(text); }

std::vector<std::string> split_words(std::string_view text, char escape) {
  std::vector<std::string> words;
  QuoteState state(escape);
  std::string word;
  bool is_in_word = false;
  for (const char c : text) {
    if (state.is_plain(c) && is_blank(c)) {
      if (is_in_word) words.push_back(std::exchange(word, {}));
      is_in_word = false;
      continue;
    }
    is_in_word = true;
    word += c;
  }
  if (is_in_word) words.push_back(word);
  return words;
}

std::vector<std::pair<std::string, std::string>> split_pairs(std::string_view keyword, std::string_view text,
                                                             char escape) {
  const std::vector<std::string> words = split_words(text, escape);
  if (words.empty()) return {};
  std::vector<std::pair<std::string, std::string>> pairs;
  if (words.front().find('=') == std::string::npos) {
    text = trim(text);
    const auto end = text.find_first_of(kBlanks);
    if (end == std::string_view::npos) {
      throw Error(ErrorKind::invalid_argument, fmt::format("{} must have two arguments", keyword));
    }
    return {{std::string(text.substr(0, end)), std::string(trim(text.substr(end)))}};
  }
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("Syntax error - can't find = in {}. Must be of the form: name=value", go_quoted(word)));
    }
    pairs.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return pairs;
}

std::vector<std::string> split_at_blanks(std::string_view text) {
  std::vector<std::string> words;
  while (!(text = trim(text)).empty()) {
    const auto end = std::min(text.find_first_of(kBlanks), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::string go_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': quoted += "\\\""; break;
      case '\\': quoted += "\\\\"; break;
      case '\n': quoted += "\\n"; break;
      case '\r': quoted += "\\r"; break;
      case '\t': quoted += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
          quoted += c;
        }
    }
  }
  return quoted + "\"";
}

}  // namespace sockerless::core::build
