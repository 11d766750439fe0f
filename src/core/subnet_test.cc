#include "core/subnet.h"

#include <gtest/gtest.h>

namespace sockerless::core {
namespace {

TEST(Subnet, IsReadAndWritten) {
  const auto subnet = Subnet::parse("10.1.0.0/16");
  ASSERT_TRUE(subnet);
  EXPECT_EQ(subnet->text(), "10.1.0.0/16");
  EXPECT_EQ(ipv4_text(subnet->last()), "10.1.255.255");
  EXPECT_EQ(Subnet::parse("10.1.2.3/32")->last(), *parse_ipv4("10.1.2.3"));
  for (const char* wrong : {"", "10.1.0.0", "10.1.0.0/", "10.1.0.0/33", "10.1.0.0/0", "10.1.0.0/16x", "10.1.0.1/16",
                            "300.1.0.0/16", "fd00::/64", "/16", "10.1.0.0/-1"}) {
    EXPECT_FALSE(Subnet::parse(wrong)) << wrong;
  }
}

TEST(Subnet, KnowsWhatOverlaps) {
  const Subnet wide = *Subnet::parse("10.0.0.0/8");
  const Subnet narrow = *Subnet::parse("10.1.0.0/16");
  EXPECT_TRUE(wide.overlaps(narrow));
  EXPECT_TRUE(narrow.overlaps(wide));
  EXPECT_TRUE(wide.contains(narrow));
  EXPECT_FALSE(narrow.contains(wide));
  EXPECT_FALSE(narrow.overlaps(*Subnet::parse("10.2.0.0/16")));
}

TEST(Subnet, DefaultPoolsNeverOverlapAndGoOnBehindDockersOwn) {
  std::vector<Subnet> in_use{*Subnet::parse("172.17.0.0/16")};
  for (int i = 0; i < 200; ++i) {
    const auto next = first_free_subnet(in_use);
    ASSERT_TRUE(next);
    for (const Subnet& used : in_use) EXPECT_FALSE(used.overlaps(*next)) << used.text() << " " << next->text();
    in_use.push_back(*next);
  }
  EXPECT_EQ(in_use[1].text(), "172.18.0.0/16");
  EXPECT_EQ(in_use[15].text(), "192.168.0.0/20");
  EXPECT_EQ(in_use[31].text(), "10.64.0.0/24");
}

TEST(Subnet, AddressesAreTheLowestFreeOnesUntilNoneIsLeft) {
  const Subnet subnet = *Subnet::parse("10.0.0.0/29");
  std::set<Ipv4> taken{*parse_ipv4("10.0.0.1")};
  for (const char* expected : {"10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"}) {
    const auto next = first_free_address(subnet, subnet, taken);
    ASSERT_TRUE(next);
    EXPECT_EQ(ipv4_text(*next), expected);
    taken.insert(*next);
  }
  EXPECT_FALSE(first_free_address(subnet, subnet, taken));
  taken.erase(*parse_ipv4("10.0.0.3"));
  EXPECT_EQ(first_free_address(subnet, subnet, taken), parse_ipv4("10.0.0.3"));
  EXPECT_EQ(first_free_address(subnet, *Subnet::parse("10.0.0.4/30"), {}), parse_ipv4("10.0.0.4"));
}

}  // namespace
}  // namespace sockerless::core
