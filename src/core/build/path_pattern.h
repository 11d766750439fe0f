#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::core::build {

// One element of a pattern and what it takes of a text.
struct PatternToken {
  enum class Kind {
    character,
    one,           // ? : one character, no slash in paths
    some,          // * : any number of them
    across,        // ** : any number of any characters
    across_slash,  // **/ : nothing, or anything that ends in a slash
    set,           // [a-z]
  };
  Kind kind = Kind::character;
  char character = 0;
  std::bitset<256> members;
};

// A pattern of paths: Go's filepath.Match, with ** where `deep` says so. Matching takes time
// proportional to the pattern times the text, whatever they are.
class PathPattern {
 public:
  // Throws Error(invalid_argument), "syntax error in pattern".
  PathPattern(std::string_view pattern, bool deep);

  bool matches(std::string_view path) const;

  // Whether it matches the path or a folder above it.
  bool covers(std::string_view path) const;

 private:
  std::vector<PatternToken> tokens_;
};

// The pattern of ${name#pattern}: * and ? take any character.
class WordPattern {
 public:
  explicit WordPattern(std::string_view pattern);

  // How much of the text's beginning or end matches, the longest or the shortest that does; 0 if
  // nothing does.
  std::size_t prefix(std::string_view text, bool is_longest) const;
  std::size_t suffix(std::string_view text, bool is_longest) const;

  std::size_t size() const { return tokens_.size(); }

 private:
  std::vector<PatternToken> tokens_;
};

// Whether the name has one of the characters that make it a pattern.
bool has_wildcards(std::string_view name);

// A .dockerignore file.
class IgnoreList {
 public:
  // Throws Error(invalid_argument) that quotes the line.
  explicit IgnoreList(std::string_view text);

  // Of a clean path relative to the context: the last line that matches it or a folder above it
  // decides, and a line with `!` takes it in again.
  bool ignores(std::string_view path) const;

 private:
  struct Line {
    PathPattern pattern;
    bool is_exception = false;
  };
  std::vector<Line> lines_;
};

// As Go's path.Clean: no dots, no doubled or closing slash; "." for nothing.
std::string clean_path(std::string_view path);

}  // namespace sockerless::core::build
