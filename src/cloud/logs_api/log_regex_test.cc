#include "cloud/logs_api/log_regex.h"

#include <gtest/gtest.h>

#include <regex>

#include "cloud/front/api_error.h"

namespace sockerless::cloud::logs {
namespace {

bool matches(std::string_view expression, std::string_view text) { return LogRegex(expression).matches(text); }

TEST(LogRegex, FindsAMatchAnywhere) {
  EXPECT_TRUE(matches("b", "abc"));
  EXPECT_TRUE(matches("colou?r", "the color"));
  EXPECT_TRUE(matches("colou?r", "the colour"));
  EXPECT_TRUE(matches("gray|grey", "grey"));
  EXPECT_TRUE(matches("1*", "anything"));
  EXPECT_FALSE(matches("1+", "anything"));
  EXPECT_TRUE(matches("a.c", "abc"));
  EXPECT_FALSE(matches("a.c", "a\nc"));
  EXPECT_TRUE(matches("10\\.10\\.0\\.1", "10.10.0.1"));
  EXPECT_FALSE(matches("10\\.10\\.0\\.1", "10010.0.1"));
}

TEST(LogRegex, AnchorsHoldABranch) {
  EXPECT_TRUE(matches("^[hc]at", "cat on a mat"));
  EXPECT_FALSE(matches("^[hc]at", "a cat"));
  EXPECT_TRUE(matches("[hc]at$", "a hat"));
  EXPECT_FALSE(matches("[hc]at$", "hats"));
  EXPECT_TRUE(matches("^$", ""));
  EXPECT_FALSE(matches("^$", "x"));
  EXPECT_TRUE(matches("^a|b$", "xb"));
  EXPECT_FALSE(matches("^a|b$", "ba"));
}

TEST(LogRegex, CountsRepetitions) {
  EXPECT_TRUE(matches("^a{3,5}$", "aaaa"));
  EXPECT_FALSE(matches("^a{3,5}$", "aaaaaa"));
  EXPECT_FALSE(matches("^a{3}$", "aa"));
  EXPECT_TRUE(matches("^a{2,}$", "aaaaaaa"));
  EXPECT_TRUE(matches("^a{0,2}$", ""));
  EXPECT_TRUE(matches("^a{0}b$", "b"));
}

TEST(LogRegex, ClassesAndEscapes) {
  EXPECT_TRUE(matches("^[abcx-z]+$", "azbx"));
  EXPECT_FALSE(matches("[^a-z]", "lower"));
  EXPECT_TRUE(matches("^[.?*+-]+$", "+-.?"));
  EXPECT_TRUE(matches("^\\d{3}\\s\\w+\\W$", "404 not_found!"));
  EXPECT_TRUE(matches("^\\D\\S$", "a-"));
  EXPECT_TRUE(matches("^[\\d\\x41]+$", "1A2"));
  EXPECT_TRUE(matches("\\x3A\\%\\(", ":%("));
  EXPECT_TRUE(matches("^[\\]\\[]+$", "[]"));
}

TEST(LogRegex, RefusesWhatTheSyntaxHasNot) {
  for (const char* expression :
       {"",    "something!", "(a)",    "a b",     "gr\xc3\xbcn", "*a",  "a**",   "{2}",
        "a{2", "a{x}",       "a{3,2}", "a{1001}", "[a",          "[]",  "[z-a]", "[[]",
        "a]",  "\\",         "\\q",    "\\x1",    "\\xff",       "a$b", "a^b",   "a{1000}{2}"}) {
    EXPECT_THROW(LogRegex{expression}, ApiError) << expression;
  }
  EXPECT_THROW(LogRegex("a{1000}b{1000}c{1000}d{1000}e{1000}"), ApiError);
}

TEST(LogRegex, AgreesWithAnotherEngine) {
  std::uint32_t dice = 12345;
  const auto roll = [&](std::size_t sides) {
    dice = dice * 1664525 + 1013904223;
    return static_cast<std::size_t>(dice >> 16) % sides;
  };
  const std::vector<std::string> atoms = {"a", "b", ".", "[ab]", "[^a]", "\\d", "c"};
  const std::vector<std::string> times = {"", "", "?", "*", "+", "{2}", "{1,2}", "{2,}"};
  for (int round = 0; round < 3000; ++round) {
    std::string expression = roll(4) == 0 ? "^" : "";
    for (std::size_t i = 0; i <= roll(5); ++i) expression += atoms[roll(atoms.size())] + times[roll(times.size())];
    if (roll(4) == 0) expression += "$";
    if (roll(5) == 0) expression += "|" + atoms[roll(atoms.size())];
    std::string text;
    for (std::size_t i = 0; i < roll(9); ++i) text += "abc1"[roll(4)];
    EXPECT_EQ(matches(expression, text), std::regex_search(text, std::regex(expression))) << expression << " " << text;
  }
}

// An engine that tries one way after the other would not come to an end.
TEST(LogRegex, TakesTimeInProportionToTheText) {
  const std::string text(20'000, 'a');
  EXPECT_FALSE(matches("a*a*a*a*a*a*a*a*a*a*b", text));
  EXPECT_FALSE(matches("^a{1,100}a{1,100}b$", text));
}

}  // namespace
}  // namespace sockerless::cloud::logs
