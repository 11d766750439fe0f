#include "registry/challenge.h"

#include <cctype>

namespace sockerless::registry {
namespace {

bool is_token_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("!#$%&'*+-.^_`|~/").find(c) != std::string_view::npos;
}

// Reads the header from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void step() { ++at_; }

  void skip(std::string_view characters) {
    while (!at_end() && characters.find(text_[at_]) != std::string_view::npos) ++at_;
  }

  std::string token() {
    const std::size_t begin = at_;
    while (!at_end() && is_token_character(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string quoted() {
    std::string value;
    for (++at_; !at_end() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    if (!at_end()) ++at_;
    return value;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

std::string Challenge::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view header) {
  std::vector<Challenge> challenges;
  Scanner scanner(header);
  for (;;) {
    scanner.skip(" \t,");
    if (scanner.at_end()) return challenges;
    std::string word = scanner.token();
    if (word.empty()) {
      scanner.step();
      continue;
    }
    scanner.skip(" \t");
    if (scanner.peek() != '=') {
      challenges.push_back({.scheme = lower(std::move(word))});
      continue;
    }
    scanner.step();
    scanner.skip(" \t");
    std::string value = scanner.peek() == '"' ? scanner.quoted() : scanner.token();
    if (!challenges.empty()) challenges.back().parameters[lower(std::move(word))] = std::move(value);
  }
}

}  // namespace sockerless::registry
