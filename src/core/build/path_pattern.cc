#include "core/build/path_pattern.h"

#include <fmt/format.h>

#include <algorithm>

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

// Which ends the token can reach in the text from the positions that are set: one bit for each.
std::vector<bool> step(const PatternToken& token, const std::vector<bool>& from, std::string_view text) {
  std::vector<bool> to(text.size() + 1, false);
  bool is_reached = false;  // some position up to here, without a slash in between for `some`
  for (std::size_t i = 0; i <= text.size(); ++i) {
    switch (token.kind) {
      case Kind::some:
      case Kind::across:
        if (token.kind == Kind::some && i > 0 && text[i - 1] == '/') is_reached = false;
        is_reached = is_reached || from[i];
        to[i] = is_reached;
        break;
      case Kind::across_slash:
        to[i] = from[i] || (is_reached && i > 0 && text[i - 1] == '/');
        is_reached = is_reached || from[i];
        break;
      case Kind::character: to[i] = i > 0 && from[i - 1] && text[i - 1] == token.character; break;
      case Kind::one: to[i] = i > 0 && from[i - 1] && text[i - 1] != '/'; break;
      case Kind::set:
        to[i] = i > 0 && from[i - 1] && token.members.test(static_cast<unsigned char>(text[i - 1]));
        break;
    }
  }
  return to;
}

std::vector<bool> reached(const std::vector<PatternToken>& tokens, std::string_view text) {
  std::vector<bool> positions(text.size() + 1, false);
  positions[0] = true;
  for (const PatternToken& token : tokens) positions = step(token, positions, text);
  return positions;
}

std::size_t match_length(const std::vector<PatternToken>& tokens, std::string_view text, bool is_longest) {
  const std::vector<bool> ends = reached(tokens, text);
  if (!is_longest)
    return static_cast<std::size_t>(std::find(ends.begin(), ends.end(), true) - ends.begin()) % ends.size();
  const auto last = std::find(ends.rbegin(), ends.rend(), true);
  return last == ends.rend() ? 0 : static_cast<std::size_t>(ends.rend() - last) - 1;
}

}  // namespace

PathPattern::PathPattern(std::string_view pattern, bool deep) : tokens_(tokens_of(pattern, deep)) {}

bool PathPattern::matches(std::string_view path) const { return reached(tokens_, path).back(); }

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
    bool is_match = line.pattern.matches(path);
    for (auto slash = path.rfind('/'); !is_match && slash != std::string_view::npos && slash > 0;
         slash = path.rfind('/', slash - 1)) {
      is_match = line.pattern.matches(path.substr(0, slash));
    }
    if (is_match) is_ignored = !line.is_exception;
  }
  return is_ignored;
}

}  // namespace sockerless::core::build
