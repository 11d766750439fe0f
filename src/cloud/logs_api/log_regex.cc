#include "cloud/logs_api/log_regex.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "cloud/logs_api/pattern_text.h"

namespace sockerless::cloud::logs {
namespace {

constexpr std::string_view kSymbols = ":_#=@/;,-";
constexpr std::string_view kOperators = "^$?[]{}|\\*+.";
constexpr std::size_t kMostSteps = 4096;  // once repetitions are written out
constexpr int kMostRepetitions = 1000;
constexpr int kCharacters = 256;
constexpr std::size_t kWordBits = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_literal(char c) { return is_alphanumeric(c) || kSymbols.find(c) != std::string_view::npos; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_word(char c) { return is_alphanumeric(c) || c == '_'; }
unsigned char index_of(char c) { return static_cast<unsigned char>(c); }

template <typename Predicate>
std::bitset<kCharacters> characters_that(Predicate is_in) {
  std::bitset<kCharacters> characters;
  for (int c = 0; c < kCharacters; ++c) characters[static_cast<std::size_t>(c)] = is_in(static_cast<char>(c));
  return characters;
}

ApiError invalid_regex(const std::string& why) { return invalid_pattern("in a regular expression, " + why); }

}  // namespace

class LogRegex::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::vector<Branch> parse() {
    if (rest_.empty()) throw invalid_regex("something is expected between the percent signs");
    std::vector<Branch> branches;
    do {
      branches.push_back(take_branch());
    } while (take('|'));
    return branches;
  }

 private:
  struct Repetition {
    int least = 1;
    std::optional<int> most = 1;  // not set: any number
  };

  bool is_next(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!is_next(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char take_any() {
    if (rest_.empty()) throw invalid_regex("the end comes too early");
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  Branch take_branch() {
    Branch branch;
    branch.at_begin = take('^');
    while (!rest_.empty() && !is_next('|')) {
      if (take('$')) {
        if (!rest_.empty() && !is_next('|')) throw invalid_regex("\"$\" stands at the end");
        branch.at_end = true;
        return branch;
      }
      const Characters characters = take_characters();
      repeat(branch, characters, take_repetition());
    }
    return branch;
  }

  void repeat(Branch& branch, const Characters& characters, const Repetition& times) {
    const int written_out = times.most ? *times.most : times.least + 1;
    steps_ += static_cast<std::size_t>(written_out);
    if (steps_ > kMostSteps) throw invalid_regex("there are too many repetitions");
    for (int i = 0; i < written_out; ++i) {
      branch.steps.push_back({characters, i >= times.least, !times.most && i == times.least});
    }
  }

  Characters take_characters() {
    const char c = take_any();
    if (c == '[') return take_class();
    if (c == '.') return characters_that([](char each) { return each != '\n'; });
    if (c == '\\') return take_escape();
    if (!is_literal(c)) throw unsupported(c);
    return characters_that([c](char each) { return each == c; });
  }

  static ApiError unsupported(char c) {
    if (kOperators.find(c) != std::string_view::npos) {
      return invalid_regex(fmt::format("\"{}\" needs something before it, or a \"\\\"", c));
    }
    if (c >= ' ' && c <= '~') return invalid_regex(fmt::format("\"{}\" is not supported", c));
    return invalid_regex("characters that are not printable ASCII are not supported");
  }

  Characters take_escape() {
    const char c = take_any();
    switch (c) {
      case 'd': return characters_that(is_digit);
      case 'D': return ~characters_that(is_digit);
      case 's': return characters_that(is_space);
      case 'S': return ~characters_that(is_space);
      case 'w': return characters_that(is_word);
      case 'W': return ~characters_that(is_word);
      case 'x': return take_hexadecimal();
      default: break;
    }
    if (is_alphanumeric(c) || c < ' ' || c > '~')
      throw invalid_regex("\"\\\" is followed by an operator or d, s, w, x");
    return characters_that([c](char each) { return each == c; });
  }

  Characters take_hexadecimal() {
    const char first = take_any();
    const std::string digits{first, take_any()};
    unsigned value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (parsed.ptr != digits.data() + digits.size() || value > 0x7f) {
      throw invalid_regex("\"\\x\" is followed by two hexadecimal digits of an ASCII character");
    }
    Characters characters;
    characters.set(value);
    return characters;
  }

  Characters take_class() {
    const bool is_negated = take('^');
    Characters characters;
    bool is_first = true;
    while (is_first || !is_next(']')) {
      is_first = false;
      const Characters low = take_member();
      const bool is_range = is_next('-') && rest_.size() > 1 && rest_[1] != ']' && low.count() == 1;
      if (!is_range) {
        characters |= low;
        continue;
      }
      take('-');
      add_range(low, take_member(), characters);
    }
    take(']');
    return is_negated ? ~characters : characters;
  }

  Characters take_member() {
    const char c = take_any();
    if (c == '\\') return take_escape();
    if (c == '[' || c == ']') throw invalid_regex(fmt::format("\"{}\" in a class needs a \"\\\"", c));
    if (!is_literal(c) && kOperators.find(c) == std::string_view::npos) throw unsupported(c);
    Characters characters;
    characters.set(index_of(c));
    return characters;
  }

  static void add_range(const Characters& low, const Characters& high, Characters& characters) {
    std::size_t from = low._Find_first();
    const std::size_t to = high._Find_first();
    if (high.count() != 1 || from > to) throw invalid_regex("a range goes from a character to a later one");
    for (; from <= to; ++from) characters.set(from);
  }

  Repetition take_repetition() {
    if (take('?')) return {0, 1};
    if (take('*')) return {0, std::nullopt};
    if (take('+')) return {1, std::nullopt};
    if (!take('{')) return {};
    Repetition times;
    times.least = take_count();
    times.most = times.least;
    if (take(',')) times.most = is_next('}') ? std::nullopt : std::optional<int>(take_count());
    if (!take('}')) throw invalid_regex("\"}\" is missing");
    if (times.most && *times.most < times.least) throw invalid_regex("{m,n} goes from less to more");
    return times;
  }

  int take_count() {
    int count = 0;
    const auto parsed = std::from_chars(rest_.data(), rest_.data() + rest_.size(), count);
    const auto length = static_cast<std::size_t>(parsed.ptr - rest_.data());
    if (parsed.ec != std::errc{} || count < 0 || count > kMostRepetitions) {
      throw invalid_regex(fmt::format("braces hold numbers up to {}", kMostRepetitions));
    }
    rest_.remove_prefix(length);
    return count;
  }

  std::string_view rest_;
  std::size_t steps_ = 0;
};

LogRegex::LogRegex(std::string_view expression) : branches_(Parser(expression).parse()) {}

bool LogRegex::matches(std::string_view text) const {
  for (const Branch& branch : branches_) {
    if (matches(branch, text)) return true;
  }
  return false;
}

// With everything that can be left out from there.
void LogRegex::add(const Branch& branch, std::size_t position, Positions& positions) {
  for (;; ++position) {
    positions[position / kWordBits] |= std::uint64_t{1} << (position % kWordBits);
    if (position == branch.steps.size() || !branch.steps[position].is_optional) return;
  }
}

bool LogRegex::matches(const Branch& branch, std::string_view text) {
  const std::size_t end = branch.steps.size();
  Positions now(end / kWordBits + 1);
  Positions next(now.size());
  const auto is_at_end = [&] { return ((now[end / kWordBits] >> (end % kWordBits)) & 1) != 0; };
  add(branch, 0, now);
  for (const char c : text) {
    if (!branch.at_end && is_at_end()) return true;
    std::fill(next.begin(), next.end(), 0);
    for (std::size_t word = 0; word < now.size(); ++word) {
      for (std::uint64_t bits = now[word]; bits != 0; bits &= bits - 1) {
        const std::size_t position = word * kWordBits + static_cast<std::size_t>(__builtin_ctzll(bits));
        if (position == end || !branch.steps[position].characters[index_of(c)]) continue;
        add(branch, branch.steps[position].repeats ? position : position + 1, next);
      }
    }
    if (!branch.at_begin) add(branch, 0, next);
    std::swap(now, next);
  }
  return is_at_end();
}

}  // namespace sockerless::cloud::logs
