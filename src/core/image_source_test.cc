#include "core/image_source.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::core {
namespace {

TEST(Platform, IsReadAsUsersWriteIt) {
  EXPECT_EQ(parse_platform("linux/arm64").text(), "linux/arm64");
  EXPECT_EQ(parse_platform("linux/arm/v7").text(), "linux/arm/v7");
  EXPECT_EQ(parse_platform("aarch64").text(), "linux/arm64");
  EXPECT_EQ(parse_platform("Linux/x86_64").text(), "linux/amd64");
  EXPECT_EQ(parse_platform("linux").text(), "linux/amd64");
}

TEST(Platform, RefusesWhatIsNone) {
  for (const char* text : {"", "linux/", "a/b/c/d", "linux/arm 64", "plan9000"}) {
    EXPECT_THROW(parse_platform(text), Error) << text;
  }
}

}  // namespace
}  // namespace sockerless::core
