#include "registry/challenge.h"

#include <gtest/gtest.h>

namespace sockerless::registry {
namespace {

TEST(Challenge, ReadsBearerWithQuotedParameters) {
  const auto found = parse_challenges(
      R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push")");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].scheme, "bearer");
  EXPECT_EQ(found[0].parameter("realm"), "https://auth.docker.io/token");
  EXPECT_EQ(found[0].parameter("scope"), "repository:a/b:pull,push");
  EXPECT_EQ(found[0].parameter("error"), "");
}

TEST(Challenge, ReadsSeveralAndUnquotedAndEscaped) {
  const auto found = parse_challenges(R"(Basic realm="a \"b\"" , BEARER Realm=x, service=y)");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].parameter("realm"), "a \"b\"");
  EXPECT_EQ(found[1].scheme, "bearer");
  EXPECT_EQ(found[1].parameter("realm"), "x");
  EXPECT_EQ(found[1].parameter("service"), "y");
}

TEST(Challenge, SurvivesGarbage) {
  EXPECT_TRUE(parse_challenges("").empty());
  EXPECT_TRUE(parse_challenges("=,=\"").empty());
  EXPECT_EQ(parse_challenges("Bearer realm=\"open").at(0).parameter("realm"), "open");
  EXPECT_EQ(parse_challenges("Bearer \x01 realm=x").at(0).parameter("realm"), "x");
}

}  // namespace
}  // namespace sockerless::registry
