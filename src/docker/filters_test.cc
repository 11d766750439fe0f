#include "docker/filters.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::docker {
namespace {

TEST(Filters, BothSpellingsMeanTheSame) {
  for (const char* json : {R"({"label":{"a=b":true,"c":true}})", R"({"label":["a=b","c"]})"}) {
    const Filters filters = Filters::parse(json, {"label"});
    EXPECT_TRUE(filters.matches_labels("label", {{"a", "b"}, {"c", "x"}})) << json;
    EXPECT_FALSE(filters.matches_labels("label", {{"a", "b"}})) << json;
    EXPECT_FALSE(filters.matches_labels("label", {{"a", "z"}, {"c", ""}})) << json;
  }
}

TEST(Filters, NamesAreUnanchoredPatterns) {
  const Filters filters = Filters::parse(R"({"name":["^web$","db"]})", {"name"});
  EXPECT_TRUE(filters.matches_pattern("name", "web"));
  EXPECT_FALSE(filters.matches_pattern("name", "web2"));
  EXPECT_TRUE(filters.matches_pattern("name", "mydb1"));
  EXPECT_FALSE(Filters::parse(R"({"name":["("]})", {"name"}).matches_pattern("name", "x"));
}

TEST(Filters, PatternsAndTextsMayBeLong) {
  const std::string text(200'000, 'a');
  const auto found = [&](const std::string& pattern) {
    return Filters::parse("{\"name\":[\"" + pattern + "\"]}", {"name"}).matches_pattern("name", text);
  };
  EXPECT_TRUE(found(".*a$"));
  EXPECT_FALSE(found(std::string(100'000, '(')));
  EXPECT_TRUE(found(std::string(1'000, 'a')));
}

TEST(Filters, APatternThatTakesTooLongIsRefused) {
  const Filters filters = Filters::parse(R"({"name":["^(a+)+$"]})", {"name"});
  try {
    filters.matches_pattern("name", std::string(40, 'a') + "b");
    FAIL() << "it was looked for to the end";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_EQ(std::string(error.what()), "the pattern '^(a+)+$' takes too long to look for: write a simpler one");
  }
}

TEST(Filters, WithoutOneEverythingMatches) {
  const Filters none = Filters::parse(std::nullopt, {});
  EXPECT_TRUE(none.matches_exactly("status", "running"));
  EXPECT_TRUE(none.matches_labels("label", {}));
}

TEST(Filters, WrongOnesAreRefusedInDockersWords) {
  const auto refusal = [](const char* json) -> std::string {
    try {
      Filters::parse(json, {"label"});
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_EQ(refusal("{bad"), "invalid filter");
  EXPECT_EQ(refusal(R"({"label":1})"), "invalid filter");
  EXPECT_EQ(refusal(R"({"bogus":["x"]})"), "invalid filter 'bogus'");
}

}  // namespace
}  // namespace sockerless::docker
