#include "http/target.h"

#include <gtest/gtest.h>

namespace sockerless::http {
namespace {

TEST(Target, SplitsPathAndQuery) {
  const Target target("/v1.41/containers/json?all=1&filters=%7B%22a%22%3A1%7D&flag&x=a+b");
  EXPECT_EQ(target.path(), "/v1.41/containers/json");
  EXPECT_EQ(target.query("all"), "1");
  EXPECT_EQ(target.query("filters"), "{\"a\":1}");
  EXPECT_EQ(target.query("flag"), "");
  EXPECT_EQ(target.query("x"), "a b");
  EXPECT_EQ(target.query("none"), std::nullopt);
}

TEST(Target, KeepsRepeatedNames) {
  EXPECT_EQ(Target("/build?t=a&t=b").query_all("t"), (std::vector<std::string>{"a", "b"}));
}

TEST(Target, AcceptsTheFormForProxies) { EXPECT_EQ(Target("http://docker/_ping?x=1").path(), "/_ping"); }

TEST(PercentDecode, LeavesMalformedEscapes) {
  EXPECT_EQ(percent_decode("%2Fa%zz%4"), "/a%zz%4");
  EXPECT_EQ(percent_decode("%41"), "A");
}

}  // namespace
}  // namespace sockerless::http
