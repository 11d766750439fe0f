#include "core/build/expansion.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "core/build/build_arguments.h"

namespace sockerless::core::build {
namespace {

std::optional<std::string> variable(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> values{
      {"set", "value"}, {"empty", ""}, {"path", "/a/b/c.tar.gz"}, {"words", "80 90"}};
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::string result_of(std::string_view word) {
  try {
    return expand(word, '\\', variable);
  } catch (const Error& error) {
    return error.what();
  }
}

struct Case {
  const char* word;
  const char* result;
};

class Expansion : public testing::TestWithParam<Case> {};

TEST_P(Expansion, IsDockers) { EXPECT_EQ(result_of(GetParam().word), GetParam().result); }

INSTANTIATE_TEST_SUITE_P(Variables, Expansion,
                         testing::Values(Case{"a$set-b", "avalue-b"}, Case{"${set}x", "valuex"}, Case{"$unset", ""},
                                         Case{"$", "$"}, Case{"\\$set", "$set"}, Case{"'$set'", "$set"},
                                         Case{"\"$set\"", "value"}, Case{"\"a\\\"b\\c\"", "a\"b\\c"},
                                         Case{"a\\ b", "a b"}));

INSTANTIATE_TEST_SUITE_P(Operators, Expansion,
                         testing::Values(Case{"${unset:-x}", "x"}, Case{"${empty:-x}", "x"}, Case{"${empty-x}", ""},
                                         Case{"${set-x}", "value"}, Case{"${unset-x}", "x"}, Case{"${set:+x}", "x"},
                                         Case{"${empty:+x}", ""}, Case{"${empty+x}", "x"}, Case{"${unset+x}", ""},
                                         Case{"${set:?x}", "value"}, Case{"${empty?x}", ""},
                                         Case{"${unset:-${set}}", "value"}, Case{"${unset:-\"a}b\"}", "a}b"}));

INSTANTIATE_TEST_SUITE_P(Patterns, Expansion,
                         testing::Values(Case{"${path#*/}", "a/b/c.tar.gz"}, Case{"${path##*/}", "c.tar.gz"},
                                         Case{"${path%.*}", "/a/b/c.tar"}, Case{"${path%%.*}", "/a/b/c"},
                                         Case{"${path/b/X}", "/a/X/c.tar.gz"}, Case{"${path//\\//_}", "_a_b_c.tar.gz"},
                                         Case{"${path/no/X}", "/a/b/c.tar.gz"}, Case{"${set//?/x}", "xxxxx"},
                                         Case{"${path#nothing}", "/a/b/c.tar.gz"}));

INSTANTIATE_TEST_SUITE_P(
    Mistakes, Expansion,
    testing::Values(Case{"${unset:?why}", "failed to process \"${unset:?why}\": unset: why"},
                    Case{"${unset?}", "failed to process \"${unset?}\": unset: is not allowed to be unset"},
                    Case{"${set", "failed to process \"${set\": syntax error: missing '}'"},
                    Case{"${set:x}", "failed to process \"${set:x}\": unsupported modifier (x) in substitution"},
                    Case{"\"a",
                         "failed to process \"\\\"a\": unexpected end of statement while looking for matching "
                         "double-quote"},
                    Case{"'a",
                         "failed to process \"'a\": unexpected end of statement while looking for matching "
                         "single-quote"}));

TEST(ExpandWords, SplitsWhatAVariableHolds) {
  EXPECT_EQ(expand_words("$words 70", '\\', variable), (std::vector<std::string>{"80", "90", "70"}));
}

TEST(ExpandDocument, KeepsQuotes) {
  EXPECT_EQ(expand_document("a \"$set\" 'b' \\$set c\\d\n", '\\', variable), "a \"value\" 'b' $set c\\d\n");
}

TEST(Expand, RefusesDeepNesting) {
  std::string word;
  for (int i = 0; i < 1000; ++i) word += "${unset:-";
  EXPECT_NE(result_of(word).find("nested too deeply"), std::string::npos);
}

TEST(Expand, RefusesWhatGrowsWithoutEnd) {
  const std::string half(700 * 1024, 'x');
  const Variables huge = [&](std::string_view) { return half; };
  EXPECT_EQ(expand("$a", '\\', huge).size(), half.size());
  EXPECT_THROW(expand("$a$a", '\\', huge), Error);
  EXPECT_THROW(expand("${a//x*y/z}", '\\', huge), Error);
}

TEST(BuildArguments, OfTheUserWinOverDefaults) {
  BuildArguments arguments({{"A", "user"}, {"Z", "unused"}, {"HTTP_PROXY", "p"}});
  EXPECT_EQ(arguments.value("A"), std::nullopt);
  arguments.declare("A", "default");
  arguments.declare("B", "default");
  EXPECT_EQ(arguments.value("A"), "user");
  EXPECT_EQ(arguments.value("B"), "default");
  EXPECT_EQ(arguments.unused(), (std::vector<std::string>{"Z"}));
  EXPECT_EQ(arguments.all(), (std::vector<std::string>{"A=user", "B=default"}));
}

TEST(BuildArguments, OfTheBeginningReachAStageThatDeclaresThem) {
  BuildArguments arguments({});
  arguments.declare_global("V", "1");
  EXPECT_EQ(arguments.global("V"), "1");
  EXPECT_EQ(arguments.value("V"), std::nullopt);
  arguments.declare("V", std::nullopt);
  EXPECT_EQ(arguments.value("V"), "1");
  arguments.begin_stage();
  EXPECT_EQ(arguments.value("V"), std::nullopt);
}

}  // namespace
}  // namespace sockerless::core::build
