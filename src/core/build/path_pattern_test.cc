#include "core/build/path_pattern.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::core::build {
namespace {

bool matches(const char* pattern, const char* path) { return PathPattern(pattern, true).matches(path); }

TEST(PathPattern, TakesGosWildcards) {
  EXPECT_TRUE(matches("*.go", "a.go"));
  EXPECT_FALSE(matches("*.go", "d/a.go"));
  EXPECT_TRUE(matches("a?c", "abc"));
  EXPECT_FALSE(matches("a?c", "a/c"));
  EXPECT_TRUE(matches("[a-c]x", "bx"));
  EXPECT_FALSE(matches("[^a-c]x", "bx"));
  EXPECT_TRUE(matches("a\\*", "a*"));
  EXPECT_FALSE(matches("a\\*", "ab"));
}

TEST(PathPattern, TwoStarsCrossSlashes) {
  EXPECT_TRUE(matches("**/x", "x"));
  EXPECT_TRUE(matches("**/x", "a/b/x"));
  EXPECT_FALSE(matches("**/x", "ax"));
  EXPECT_TRUE(matches("a/**", "a/b/c"));
  EXPECT_TRUE(matches("a/**/c", "a/c"));
  EXPECT_TRUE(matches("**", "a/b"));
}

TEST(PathPattern, MalformedOnesAreRefused) {
  for (const char* pattern : {"[a", "a\\", "[]a]", "[-x]", "[a-"}) {
    EXPECT_THROW(PathPattern(pattern, true), Error) << pattern;
  }
}

TEST(PathPattern, ManyStarsTakeNoLonger) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(PathPattern(pattern, true).matches(std::string(5000, 'a') + "b"));
}

TEST(PathPattern, CoversWhatIsBelowWhatItMatches) {
  EXPECT_TRUE(PathPattern("a/*", true).covers("a/b/c"));
  EXPECT_TRUE(PathPattern("**/b", true).covers("x/a/b/c"));
  EXPECT_FALSE(PathPattern("a/*", true).covers("a"));
  EXPECT_FALSE(PathPattern("b", true).covers("a/b"));
  EXPECT_FALSE(PathPattern("a", true).covers("ab/c"));
}

TEST(WordPattern, TakesTheLongestOrTheShortestEnd) {
  EXPECT_EQ(WordPattern("*/").prefix("a/b/c", true), 4U);
  EXPECT_EQ(WordPattern("*/").prefix("a/b/c", false), 2U);
  EXPECT_EQ(WordPattern("/*").suffix("a/b/c", false), 2U);
  EXPECT_EQ(WordPattern("x").prefix("a", true), 0U);
}

TEST(IgnoreList, LastMatchDecides) {
  const IgnoreList list("# comment\n*.md\n!README.md\ntmp/\n/abs\nREADME.md/x\n");
  EXPECT_TRUE(list.ignores("a.md"));
  EXPECT_FALSE(list.ignores("README.md"));
  EXPECT_TRUE(list.ignores("tmp"));
  EXPECT_TRUE(list.ignores("tmp/a/b"));
  EXPECT_TRUE(list.ignores("abs"));
  EXPECT_FALSE(list.ignores("d/a.md"));
}

TEST(IgnoreList, ExceptionInsideAnIgnoredFolder) {
  const IgnoreList list("d\n!d/keep\nd/keep/not\n");
  EXPECT_TRUE(list.ignores("d/x"));
  EXPECT_FALSE(list.ignores("d/keep/a"));
  EXPECT_TRUE(list.ignores("d/keep/not"));
}

TEST(IgnoreList, NamesTheBadLine) {
  try {
    IgnoreList("ok\n[x\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the line \"[x\" of .dockerignore: syntax error in pattern");
  }
}

TEST(CleanPath, IsGos) {
  EXPECT_EQ(clean_path("a//b/./c/../d/"), "a/b/d");
  EXPECT_EQ(clean_path("/../a"), "/a");
  EXPECT_EQ(clean_path("../a"), "../a");
  EXPECT_EQ(clean_path(""), ".");
}

}  // namespace
}  // namespace sockerless::core::build
