#include "cloud/logs_api/filter_pattern.h"

#include <gtest/gtest.h>

#include "cloud/front/api_error.h"

namespace sockerless::cloud::logs {
namespace {

bool matches(std::string_view pattern, std::string_view message) { return FilterPattern(pattern).matches(message); }

TEST(FilterPattern, OfTermsIsExact) {
  EXPECT_TRUE(matches("", "anything"));
  EXPECT_TRUE(matches("ERROR disk", "disk ERROR"));
  EXPECT_FALSE(matches("ERROR disk", "error disk"));
  EXPECT_FALSE(matches("ERROR -disk", "ERROR disk"));
  EXPECT_TRUE(matches("?ERROR ?warn", "a warning"));
  EXPECT_FALSE(matches("?ERROR ?warn", "fine"));
  EXPECT_FALSE(matches("\"two words\"", "two  words"));
  EXPECT_TRUE(matches("\"two words\"", "these two words"));
  EXPECT_TRUE(matches(R"("a \"b\"")", R"(say a "b")"));
}

TEST(FilterPattern, OfJsonLooksIntoTheDocument) {
  const std::string message =
      R"({"level":"error","code":503,"user":{"name":"Ada","tags":["a","b"]},"ok":false,"no":null})";
  EXPECT_TRUE(matches(R"({ $.level = "error" })", message));
  EXPECT_TRUE(matches("{ $.level = err* }", message));
  EXPECT_TRUE(matches("{$.code>=500&&$.code<504}", message));
  EXPECT_FALSE(matches("{ $.code = 500 }", message));
  EXPECT_TRUE(matches("{ $.code != 500 }", message));
  EXPECT_TRUE(matches(R"({ $.user.name = "*da" && $.user.tags[1] = "b" })", message));
  EXPECT_TRUE(matches("{ ($.code = 1 || $.code = 503) && $.ok IS FALSE }", message));
  EXPECT_TRUE(matches("{ $.code = 503 || $.code = 1 && $.code = 2 }", message));  // && binds closer
  EXPECT_TRUE(matches("{ $.no is null }", message));
  EXPECT_TRUE(matches("{ $.nothing NOT EXISTS }", message));
  EXPECT_FALSE(matches("{ $.level NOT EXISTS }", message));
  EXPECT_FALSE(matches("{ $.nothing != 1 }", message));
}

TEST(FilterPattern, OfJsonIsAboutJsonOnly) {
  EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "plain text"));
  EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "{ broken"));
  EXPECT_FALSE(matches("{ $.a NOT EXISTS }", "[1]"));
}

TEST(FilterPattern, OfFieldsCountsThem) {
  const std::string message = R"(127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /x.gif HTTP/1.0" 404 1534)";
  EXPECT_TRUE(matches("[ip, identity, user, time, request, status, bytes]", message));
  EXPECT_FALSE(matches("[ip, identity, user, time, request, status]", message));
  EXPECT_TRUE(matches("[ip, identity, user, time, request = *.gif*, status = 4*, bytes > 1000]", message));
  EXPECT_FALSE(matches("[ip, identity, user, time, request, status = 5*, bytes]", message));
  EXPECT_TRUE(matches("[ip=127*, ..., status = 404 || status = 410, bytes]", message));
  EXPECT_TRUE(matches("[..., bytes > 1000 && bytes < 2000]", message));
  EXPECT_FALSE(matches("[..., bytes > 1000 && bytes < 1200]", message));
  EXPECT_TRUE(matches("[...]", ""));
}

TEST(FilterPattern, OfARegularExpressionFindsIt) {
  EXPECT_TRUE(matches("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST"));
  EXPECT_FALSE(matches("%AUTHORIZED%", "authorized"));
  EXPECT_TRUE(matches("  %[45][0-9]{2}%  ", "status 503"));
}

TEST(FilterPattern, OfJsonAndFieldsHasRegularExpressions) {
  const std::string message = R"({"ip":"10.0.7.9","level":"warn","code":503})";
  EXPECT_TRUE(matches(R"({ $.ip = %^10\.0\.\d{1,3}\.% })", message));
  EXPECT_FALSE(matches(R"({ $.ip != %^10% })", message));
  EXPECT_TRUE(matches("{ $.level = %[Ww]arn|[Ee]rror% && $.code = %^5% }", message));
  EXPECT_FALSE(matches("{ $.nothing != %x% }", message));
  EXPECT_TRUE(matches("[ip=%127\\.0\\.0\\.[1-9]%, user, status=%4[0-9]{2}%]", "127.0.0.1 frank 404"));
  EXPECT_FALSE(matches("[ip=%127\\.0\\.0\\.[2-9]%, user, status]", "127.0.0.1 frank 404"));
}

TEST(FilterPattern, ThatIsMalformedIsRefused) {
  for (const char* pattern : {"\"open",
                              "{",
                              "{}",
                              "{ $ = 1 }",
                              "{ $.a }",
                              "{ $.a = }",
                              "{ $.a < x }",
                              "{ $.a = 1",
                              "{ $.a = 1 } more",
                              "{ ($.a = 1 }",
                              "{ $.a[x] = 1 }",
                              "{ $.a IS MAYBE }",
                              "{ $.a NOT }",
                              "[",
                              "[a",
                              "[a = ]",
                              "[a, ..., b, ...]",
                              "[a = 1 || b = 2]",
                              "[a] x",
                              "%open",
                              "%open\\%",
                              "%%",
                              "%a% b",
                              "b %a%",
                              "{ $.a > %x% }",
                              "{ $.a = %x% || $.b = %x% || $.c = %x% }",
                              "[a = %x]",
                              "{ $.a = \"x }"}) {
    EXPECT_THROW(FilterPattern{pattern}, ApiError) << pattern;
  }
  EXPECT_THROW(FilterPattern("{" + std::string(900, '(') + "$.a = 1"), ApiError);
}

}  // namespace
}  // namespace sockerless::cloud::logs
