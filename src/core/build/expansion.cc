#include "core/build/expansion.h"

#include <fmt/format.h>

#include <cctype>

#include "base/error.h"
#include "core/build/dockerfile.h"
#include "core/build/path_pattern.h"

namespace sockerless::core::build {
namespace {

constexpr char kNothing = '\0';
constexpr int kDeepest = 100;  // ${a:-${b:-…}}
constexpr std::size_t kLongest = 1024 * 1024;
constexpr std::size_t kMostSteps = 100'000'000;  // of matching: it is done on the daemon's loop

Error failure(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_name_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
void check_cost(std::size_t steps) {
  if (steps > kMostSteps) throw failure("the value is too long for a pattern");
}

bool is_special(char c) { return std::string_view("@*#!?-$0123456789").find(c) != std::string_view::npos; }

class Expander {
 public:
  Expander(std::string_view text, char escape, const Variables& variables)
      : rest_(text), escape_(escape), variables_(variables) {}

  std::string whole(bool keeps_quotes) {
    keeps_quotes_ = keeps_quotes;
    return up_to(kNothing, false);
  }

 private:
  char peek() const { return rest_.empty() ? kNothing : rest_.front(); }
  char take() {
    const char c = peek();
    if (!rest_.empty()) rest_.remove_prefix(1);
    return c;
  }

  // Up to the end, or to the character, which is taken too. Patterns keep their escapes.
  std::string up_to(char end, bool keeps_escapes) {
    if (++depth_ > kDeepest) throw failure("substitutions are nested too deeply");
    std::string result;
    bool is_closed = end == kNothing;
    while (!rest_.empty()) {
      const char c = take();
      if (end != kNothing && c == end) {
        is_closed = true;
        break;
      }
      append(c, keeps_escapes, result);
      if (result.size() > kLongest) throw failure("the value is longer than 1 MiB");
    }
    --depth_;
    if (!is_closed) throw failure(fmt::format("syntax error: missing '{}'", end));
    return result;
  }

  void append(char c, bool keeps_escapes, std::string& result) {
    if (c == '\'' && !keeps_quotes_) {
      result += single_quoted();
    } else if (c == '"' && !keeps_quotes_) {
      result += double_quoted();
    } else if (c == '$') {
      result += variable();
    } else if (c == escape_) {
      if (rest_.empty()) return;
      const bool is_plain = keeps_escapes || (keeps_quotes_ && peek() != '$' && peek() != escape_);
      if (is_plain) result += c;
      result += take();
    } else {
      result += c;
    }
  }

  std::string single_quoted() {
    const auto end = rest_.find('\'');
    if (end == std::string_view::npos) {
      throw failure("unexpected end of statement while looking for matching single-quote");
    }
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }

  std::string double_quoted() {
    std::string text;
    while (!rest_.empty()) {
      const char c = take();
      if (c == '"') return text;
      if (c == '$') {
        text += variable();
      } else if (c == escape_) {
        // Other characters keep the escape before them.
        const char next = peek();
        if (next != '"' && next != '$' && next != escape_) text += c;
        if (next != kNothing) text += take();
      } else {
        text += c;
      }
    }
    throw failure("unexpected end of statement while looking for matching double-quote");
  }

  std::string name() {
    std::string name;
    if (is_name_start(peek())) {
      while (is_name_part(peek())) name += take();
    } else if (peek() != kNothing && is_special(peek())) {
      name += take();
    }
    return name;
  }

  std::string variable() {
    if (peek() != '{') {
      const std::string variable_name = name();
      if (variable_name.empty()) return "$";
      return variables_(variable_name).value_or("");
    }
    take();
    const std::string variable_name = name();
    if (variable_name.empty()) throw failure("syntax error: bad substitution");
    return modified(variable_name);
  }

  std::string modified(const std::string& variable_name) {
    std::optional<std::string> value = variables_(variable_name);
    if (rest_.empty()) throw failure("syntax error: missing '}'");
    char op = take();
    if (op == '}') return value.value_or("");
    const bool has_colon = op == ':';
    if (has_colon) {
      op = take();
      if (value && value->empty()) value.reset();
    }
    if (op == '-' || op == '+' || op == '?') return chosen(op, variable_name, value);
    if (!has_colon && (op == '#' || op == '%')) return trimmed(op, value.value_or(""));
    if (!has_colon && op == '/') return replaced(value.value_or(""));
    throw failure(fmt::format("unsupported modifier ({}) in substitution", op));
  }

  std::string chosen(char op, const std::string& variable_name, const std::optional<std::string>& value) {
    const std::string word = up_to('}', false);
    if (op == '-') return value.value_or(word);
    if (op == '+') return value ? word : "";
    if (!value) throw failure(fmt::format("{}: {}", variable_name, word.empty() ? "is not allowed to be unset" : word));
    return *value;
  }

  // The shortest match of the pattern at the beginning (#) or end (%) is taken away; doubled, the
  // longest.
  std::string trimmed(char op, const std::string& value) {
    const bool is_longest = peek() == op;
    if (is_longest) take();
    const WordPattern pattern(up_to('}', true));
    check_cost(value.size() * pattern.size());
    const auto length = op == '#' ? pattern.prefix(value, is_longest) : pattern.suffix(value, is_longest);
    return op == '#' ? value.substr(length) : value.substr(0, value.size() - length);
  }

  std::string replaced(const std::string& value) {
    const bool is_all = peek() == '/';
    if (is_all) take();
    const WordPattern pattern(up_to('/', true));
    const std::string replacement = up_to('}', false);
    check_cost(value.size() * value.size() * pattern.size());
    std::string result;
    bool is_done = false;
    for (std::size_t at = 0; at < value.size();) {
      const std::size_t length = is_done ? 0 : pattern.prefix(std::string_view(value).substr(at), true);
      if (length == 0) {
        result += value[at++];
        continue;
      }
      result += replacement;
      at += length;
      is_done = !is_all;
    }
    return result;
  }

  std::string_view rest_;
  char escape_;
  const Variables& variables_;
  bool keeps_quotes_ = false;
  int depth_ = 0;
};

std::string expanded(std::string_view text, char escape, const Variables& variables, bool keeps_quotes) {
  try {
    return Expander(text, escape, variables).whole(keeps_quotes);
  } catch (const Error& error) {
    throw failure(fmt::format("failed to process {}: {}", go_quoted(text), error.what()));
  }
}

}  // namespace

std::string expand(std::string_view word, char escape, const Variables& variables) {
  return expanded(word, escape, variables, false);
}

std::vector<std::string> expand_words(std::string_view text, char escape, const Variables& variables) {
  return split_at_blanks(expanded(text, escape, variables, false));
}

std::string expand_document(std::string_view text, char escape, const Variables& variables) {
  return expanded(text, escape, variables, true);
}

}  // namespace sockerless::core::build
