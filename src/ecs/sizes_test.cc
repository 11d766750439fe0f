#include "ecs/sizes.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::ecs {
namespace {

constexpr std::int64_t kMib = 1024 * 1024;
constexpr std::int64_t kCpu = 1'000'000'000;

TEST(FittingSize, DefaultsToTheSmallest) { EXPECT_EQ(fitting_size(0, 0), (TaskSize{256, 512})); }

TEST(FittingSize, RoundsUpToAValidPair) {
  EXPECT_EQ(fitting_size(0, 513 * kMib), (TaskSize{256, 1024}));
  EXPECT_EQ(fitting_size(0, 1025 * kMib), (TaskSize{256, 2048}));
  EXPECT_EQ(fitting_size(0, 3000 * kMib), (TaskSize{512, 3072}));
  EXPECT_EQ(fitting_size(kCpu, 0), (TaskSize{1024, 2048}));
  EXPECT_EQ(fitting_size(kCpu * 3 / 2, 100 * kMib), (TaskSize{2048, 4096}));
}

TEST(FittingSize, LargeSizesHaveLargerSteps) {
  EXPECT_EQ(fitting_size(8 * kCpu, 17000 * kMib), (TaskSize{8192, 20480}));
  EXPECT_EQ(fitting_size(16 * kCpu, 33000 * kMib), (TaskSize{16384, 40960}));
}

TEST(FittingSize, TooLargeIsRefused) {
  EXPECT_THROW(fitting_size(17 * kCpu, 0), Error);
  EXPECT_THROW(fitting_size(0, 200'000 * kMib), Error);
}

}  // namespace
}  // namespace sockerless::ecs
