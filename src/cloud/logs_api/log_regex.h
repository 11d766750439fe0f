#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sockerless::cloud::logs {

// A regular expression of a filter pattern, between its percent signs: CloudWatch's own small syntax. Letters, digits
// and the symbols : _ # = @ / ; , -, the operators ^ $ ? [ ] { } | \ * + and ., no parentheses, ASCII. Finds a match
// anywhere in a text, in time that is proportional to the text, whatever the expression.
class LogRegex {
 public:
  // Throws ApiError(InvalidParameterException).
  explicit LogRegex(std::string_view expression);

  bool matches(std::string_view text) const;

 private:
  using Characters = std::bitset<256>;

  // What one character must be.
  struct Step {
    Characters characters;
    bool is_optional = false;
    bool repeats = false;
  };
  // What stands between two bars.
  struct Branch {
    std::vector<Step> steps;
    bool at_begin = false;
    bool at_end = false;
  };
  // A bit for each step that may be next; the last is the end of the branch.
  using Positions = std::vector<std::uint64_t>;

  class Parser;

  static void add(const Branch& branch, std::size_t position, Positions& positions);
  static bool matches(const Branch& branch, std::string_view text);

  std::vector<Branch> branches_;
};

}  // namespace sockerless::cloud::logs
