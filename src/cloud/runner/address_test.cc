#include "cloud/runner/address.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::cloud {
namespace {

TEST(Subnet, IsReadAndPrinted) {
  const Subnet subnet = parse_subnet("10.213.7.0/24");
  EXPECT_EQ(subnet.text(), "10.213.7.0/24");
  EXPECT_EQ(subnet.size(), 255U);
  EXPECT_EQ(format_address(subnet.address + 1), "10.213.7.1");
}

TEST(Subnet, RefusesWhatIsNone) {
  for (const std::string text :
       {"", "10.0.0.0", "10.0.0.1/24", "10.0.0.0/31", "10.0.0/24", "10.0.0.0/24x", "0.0.0.0/0"}) {
    EXPECT_THROW(parse_subnet(text), Error) << text;
  }
}

TEST(Subnet, OverlapsWhatHasACommonAddress) {
  const Subnet subnet = parse_subnet("10.213.7.0/24");
  EXPECT_TRUE(subnet.overlaps(parse_subnet("10.0.0.0/8")));
  EXPECT_TRUE(parse_subnet("10.0.0.0/8").overlaps(subnet));
  EXPECT_FALSE(subnet.overlaps(parse_subnet("10.213.8.0/24")));
}

}  // namespace
}  // namespace sockerless::cloud
