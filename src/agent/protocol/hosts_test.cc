#include "agent/protocol/hosts.h"

#include <gtest/gtest.h>

#include "agent/protocol/bytes.h"

namespace sockerless::agent {
namespace {

TEST(HostsParameters, ComeBackAsTheyWere) {
  const HostsParameters parameters{{{"10.0.0.2", {"db", "database"}}, {"", {"web"}}}};
  const auto decoded = decode_hosts(encode(parameters));
  ASSERT_TRUE(decoded);
  ASSERT_EQ(decoded->lines.size(), 2u);
  EXPECT_EQ(decoded->lines[0].address, "10.0.0.2");
  EXPECT_EQ(decoded->lines[0].names, (std::vector<std::string>{"db", "database"}));
  EXPECT_EQ(decoded->lines[1].address, "");
}

TEST(HostsParameters, NoLineCanSmuggleInAnother) {
  for (const char* name : {"", "a b", "a\n1.2.3.4 evil", "a#", "a\tb"}) {
    EXPECT_FALSE(decode_hosts(encode(HostsParameters{{{"10.0.0.2", {name}}}}))) << name;
    if (*name != '\0') EXPECT_FALSE(decode_hosts(encode(HostsParameters{{{name, {"db"}}}}))) << name;
  }
  EXPECT_FALSE(decode_hosts(encode(HostsParameters{{{"10.0.0.2", {}}}})));
}

TEST(HostsParameters, EveryTruncationIsRefused) {
  const std::string whole = encode(HostsParameters{{{"10.0.0.2", {"db", "database"}}}});
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(decode_hosts(whole.substr(0, size))) << size;
}

TEST(HostsParameters, CountsAreNotBelieved) {
  std::string bytes;
  ByteWriter(bytes).u32(0xFFFFFFFF);
  EXPECT_FALSE(decode_hosts(bytes));
}

}  // namespace
}  // namespace sockerless::agent
