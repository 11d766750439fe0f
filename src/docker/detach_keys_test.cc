#include "docker/detach_keys.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::docker {
namespace {

TEST(ParseDetachKeys, ReadsLettersAndControlKeys) {
  EXPECT_EQ(parse_detach_keys("ctrl-p,ctrl-q"), "\x10\x11");
  EXPECT_EQ(parse_detach_keys("ctrl-a,b,Z"),
            "\x01"
            "bZ");
  EXPECT_EQ(parse_detach_keys("ctrl-[,ctrl-_"), "\x1b\x1f");
  EXPECT_EQ(parse_detach_keys("ctrl-@"), std::string(1, '\0'));
  EXPECT_EQ(parse_detach_keys(","), ",");
}

TEST(ParseDetachKeys, EmptyAreDockersOwn) { EXPECT_EQ(parse_detach_keys(""), "\x10\x11"); }

TEST(ParseDetachKeys, RefusesWhatIsNoKey) {
  for (const char* text : {"ctrl-", "ctrl-P", "ctrl-ab", "xy", "a,,b", "ctrl-1"}) {
    EXPECT_THROW(parse_detach_keys(text), Error) << text;
  }
}

TEST(DetachKeys, AreFoundAcrossReads) {
  DetachKeys keys("\x10\x11");
  EXPECT_EQ(keys.filter("ls\n\x10"), "ls\n");
  EXPECT_FALSE(keys.were_pressed());
  EXPECT_EQ(keys.filter("\x11rest"), "");
  EXPECT_TRUE(keys.were_pressed());
}

TEST(DetachKeys, ABeginningThatComesToNothingIsPassedOn) {
  DetachKeys keys("\x10\x11");
  EXPECT_EQ(keys.filter("a\x10"), "a");
  EXPECT_EQ(keys.filter("b"),
            "\x10"
            "b");
  EXPECT_FALSE(keys.were_pressed());
}

TEST(DetachKeys, WhatBreaksOffDoesNotBeginAnew) {
  DetachKeys keys("\x10\x11");
  EXPECT_EQ(keys.filter("\x10\x10\x11"), "\x10\x10\x11");
  EXPECT_FALSE(keys.were_pressed());
}

TEST(DetachKeys, WhatIsHeldAtTheEndIsPassedOn) {
  DetachKeys keys("abc");
  EXPECT_EQ(keys.filter("xab"), "x");
  EXPECT_EQ(keys.rest(), "ab");
  EXPECT_EQ(keys.rest(), "");
}

}  // namespace
}  // namespace sockerless::docker
