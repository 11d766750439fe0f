#include "base/read_size.h"

#include <gtest/gtest.h>

namespace sockerless {
namespace {

TEST(ReadSize, GrowsWhileReadsComeBackFullUpToItsMost) {
  ReadSize size(16, 60);
  size.note(16);
  EXPECT_EQ(size.get(), 32U);
  size.note(32);
  EXPECT_EQ(size.get(), 60U);
  size.note(60);
  EXPECT_EQ(size.get(), 60U);
}

TEST(ReadSize, StaysWhileMuchOfItIsFilled) {
  ReadSize size(16, 64);
  size.note(16);
  size.note(31);
  size.note(8);
  EXPECT_EQ(size.get(), 32U);
}

TEST(ReadSize, ShrinksWhenLittleComesDownToItsLeast) {
  ReadSize size(16, 64);
  size.note(16);
  size.note(7);
  EXPECT_EQ(size.get(), 16U);
  size.note(1);
  EXPECT_EQ(size.get(), 16U);
}

}  // namespace
}  // namespace sockerless
