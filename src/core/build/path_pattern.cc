#include "core/build/path_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "core/build/dockerfile.h"

namespace sockerless::core::build {
namespace {

using Kind = PatternToken::Kind;

Error bad_pattern() { return {ErrorKind::invalid_argument, "syntax error in pattern"}; }

// One character of a set, behind an escape perhaps.
unsigned char take_member(std::string_view& rest) {
  if (rest.empty() || rest.front() == '-' || rest.front() == ']') throw bad_pattern();
  if (rest.front() == '\\') rest.remove_prefix(1);
  if (rest.empty()) throw bad_pattern();
  const auto member = static_cast<unsigned char>(rest.front());
  rest.remove_prefix(1);
  return member;
}

// Behind the opening bracket; takes the closing one too.
PatternToken take_set(std::string_view& rest) {
  PatternToken token{.kind = Kind::set};
  const bool is_negated = rest.starts_with('^');
  if (is_negated) rest.remove_prefix(1);
  do {
    const unsigned char low = take_member(rest);
    unsigned char high = low;
    if (rest.starts_with('-')) {
      rest.remove_prefix(1);
      high = take_member(rest);
    }
    for (int c = low; c <= high; ++c) token.members.set(static_cast<std::size_t>(c));
    if (rest.empty()) throw bad_pattern();
  } while (rest.front() != ']');
  rest.remove_prefix(1);
  if (is_negated) token.members.flip();
  token.members.reset('/');
  return token;
}

PatternToken take_stars(std::string_view& rest, bool deep) {
  const auto stars = std::min(rest.find_first_not_of('*'), rest.size());
  rest.remove_prefix(stars);
  if (!deep || stars < 2) return {.kind = Kind::some};
  if (!rest.starts_with('/')) return {.kind = Kind::across};
  rest.remove_prefix(1);
  return {.kind = Kind::across_slash};
}

std::vector<PatternToken> tokens_of(std::string_view rest, bool deep) {
  std::vector<PatternToken> tokens;
  while (!rest.empty()) {
    const char c = rest.front();
    if (c == '*') {
      tokens.push_back(take_stars(rest, deep));
      continue;
    }
    rest.remove_prefix(1);
    if (c == '?') {
      tokens.push_back({.kind = Kind::one});
    } else if (c == '[') {
      tokens.push_back(take_set(rest));
    } else if (c == '\\') {
      if (rest.empty()) throw bad_pattern();
      tokens.push_back({.character = rest.front()});
      rest.remove_prefix(1);
    } else {
      tokens.push_back({.character = c});
    }
  }
  return tokens;
}

bool takes(const PatternToken& token, char c) {
  switch (token.kind) {
    case Kind::character: return c == token.character;
    case Kind::one: return c != '/';
    case Kind::set: return token.members.test(static_cast<unsigned char>(c));
    case Kind::some:
    case Kind::across:
    case Kind::across_slash: break;
  }
  return false;
}

// Which positions of a text the tokens so far can end at: one byte for each. Only the span between the first and the
// last of them is looked at, which for most patterns is a single position.
class Positions {
 public:
  explicit Positions(std::string_view text) : text_(text), marks_(text.size() + 1), next_(text.size() + 1) {
    marks_[0] = 1;
  }

  bool has(std::size_t position) const { return marks_[position] != 0; }

  // False if no position is left.
  bool take(const PatternToken& token) {
    const auto [first, end] = std::exchange(span_, {marks_.size(), 0});
    if (token.kind == Kind::character || token.kind == Kind::one || token.kind == Kind::set) {
      for (std::size_t i = first; i < std::min(end, text_.size()); ++i) {
        if (marks_[i] != 0 && takes(token, text_[i])) mark(i + 1);
      }
    } else {
      take_many(token.kind, first, end);
    }
    std::fill(marks_.begin() + static_cast<std::ptrdiff_t>(first), marks_.begin() + static_cast<std::ptrdiff_t>(end),
              0);
    marks_.swap(next_);
    return span_.end > 0;
  }

 private:
  struct Span {
    std::size_t first = 0;
    std::size_t end = 1;
  };

  void take_many(Kind kind, std::size_t first, std::size_t end) {
    bool is_reached = false;  // some position up to here, without a slash in between for `some`
    for (std::size_t i = first; i < marks_.size() && (i < end || is_reached); ++i) {
      const bool is_behind_slash = i > 0 && text_[i - 1] == '/';
      if (kind == Kind::some && is_behind_slash) is_reached = false;
      const bool is_here = marks_[i] != 0;
      if (is_here || (is_reached && (kind != Kind::across_slash || is_behind_slash))) mark(i);
      is_reached = is_reached || is_here;
    }
  }

  void mark(std::size_t position) {
    next_[position] = 1;
    span_ = {std::min(span_.first, position), std::max(span_.end, position + 1)};
  }

  std::string_view text_;
  std::vector<char> marks_;
  std::vector<char> next_;
  Span span_;
};

Positions reached(const std::vector<PatternToken>& tokens, std::string_view text) {
  Positions positions(text);
  for (const PatternToken& token : tokens) {
    if (!positions.take(token)) break;
  }
  return positions;
}

std::size_t match_length(const std::vector<PatternToken>& tokens, std::string_view text, bool is_longest) {
  const Positions ends = reached(tokens, text);
  std::size_t length = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (!ends.has(i)) continue;
    length = i;
    if (!is_longest) break;
  }
  return length;
}

}  // namespace

PathPattern::PathPattern(std::string_view pattern, bool deep) : tokens_(tokens_of(pattern, deep)) {}

bool PathPattern::matches(std::string_view path) const { return reached(tokens_, path).has(path.size()); }

bool PathPattern::covers(std::string_view path) const {
  const Positions ends = reached(tokens_, path);
  if (ends.has(path.size())) return true;
  for (auto slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    if (ends.has(slash)) return true;
  }
  return false;
}

WordPattern::WordPattern(std::string_view pattern) {
  while (!pattern.empty()) {
    const char c = pattern.front();
    pattern.remove_prefix(1);
    if (c == '*') {
      tokens_.push_back({.kind = Kind::across});
    } else if (c == '?') {
      PatternToken token{.kind = Kind::set};
      token.members.set();
      tokens_.push_back(token);
    } else if (c == '\\' && !pattern.empty()) {
      tokens_.push_back({.character = pattern.front()});
      pattern.remove_prefix(1);
    } else {
      tokens_.push_back({.character = c});
    }
  }
}

std::size_t WordPattern::prefix(std::string_view text, bool is_longest) const {
  return match_length(tokens_, text, is_longest);
}

std::size_t WordPattern::suffix(std::string_view text, bool is_longest) const {
  return match_length({tokens_.rbegin(), tokens_.rend()}, std::string(text.rbegin(), text.rend()), is_longest);
}

bool has_wildcards(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\') {
      ++i;
    } else if (name[i] == '*' || name[i] == '?' || name[i] == '[') {
      return true;
    }
  }
  return false;
}

std::string clean_path(std::string_view path) {
  const bool is_absolute = path.starts_with('/');
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !is_absolute) {
      parts.push_back(part);
    }
  }
  const std::string joined = fmt::format("{}{}", is_absolute ? "/" : "", fmt::join(parts, "/"));
  return joined.empty() ? "." : joined;
}

IgnoreList::IgnoreList(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (whole.starts_with('#')) continue;
    std::string_view line = trim(whole);
    const bool is_exception = line.starts_with('!');
    if (is_exception) line = trim(line.substr(1));
    if (line.empty()) {
      if (is_exception) throw Error(ErrorKind::invalid_argument, "illegal exclusion pattern: \"!\"");
      continue;
    }
    std::string pattern = clean_path(line);
    if (pattern.size() > 1 && pattern.front() == '/') pattern.erase(0, 1);
    try {
      lines_.push_back({PathPattern(pattern, true), is_exception});
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("the line {} of .dockerignore: {}", go_quoted(whole), error.what()));
    }
  }
}

bool IgnoreList::ignores(std::string_view path) const {
  bool is_ignored = false;
  for (const Line& line : lines_) {
    if (line.is_exception != is_ignored) continue;
    if (line.pattern.covers(path)) is_ignored = !line.is_exception;
  }
  return is_ignored;
}

}  // namespace sockerless::core::build
