#include "agent/task/hosts_file.h"

#include <gtest/gtest.h>

namespace sockerless::agent {
namespace {

constexpr std::string_view kBlock =
    "# begin: names of peers, written by sockerless\n"
    "10.0.0.2 db database\n"
    "10.0.0.9 web\n"
    "# end: names of peers\n";
const HostsParameters kPeers{{{"10.0.0.2", {"db", "database"}}, {"", {"web"}}}};

TEST(HostsFile, BlockIsPutBehindWhatIsThere) {
  EXPECT_EQ(with_hosts_block("127.0.0.1 localhost\n", kPeers, "10.0.0.9"),
            "127.0.0.1 localhost\n" + std::string(kBlock));
  EXPECT_EQ(with_hosts_block("127.0.0.1 localhost", kPeers, "10.0.0.9"), "127.0.0.1 localhost\n" + std::string(kBlock));
  EXPECT_EQ(with_hosts_block("", kPeers, "10.0.0.9"), kBlock);
}

TEST(HostsFile, BlockIsReplacedAndTheRestStays) {
  const std::string before = "127.0.0.1 localhost\n" + std::string(kBlock) + "10.9.9.9 own\n";
  const HostsParameters fewer{{{"10.0.0.3", {"cache"}}}};
  const std::string after = with_hosts_block(before, fewer, "10.0.0.9");
  EXPECT_EQ(after,
            "127.0.0.1 localhost\n# begin: names of peers, written by sockerless\n10.0.0.3 cache\n# end: names of "
            "peers\n10.9.9.9 own\n");
  EXPECT_EQ(with_hosts_block(after, kPeers, "10.0.0.9"), before);
}

TEST(HostsFile, BlockWithoutItsEndIsReplacedWhole) {
  EXPECT_EQ(with_hosts_block(kBlock.substr(0, 60), kPeers, "10.0.0.9"), kBlock);
}

TEST(HostsFile, LineWithoutAnAddressNeedsTheTasks) {
  const HostsParameters own{{{"", {"web"}}}};
  EXPECT_EQ(with_hosts_block("", own, ""), "# begin: names of peers, written by sockerless\n# end: names of peers\n");
}

}  // namespace
}  // namespace sockerless::agent
