#include "agent/task/users.h"

#include <gtest/gtest.h>

namespace sockerless::agent {
namespace {

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "# a comment\n"
    "\n"
    "app:x:1000:1001:App:/home/app:/bin/sh\n"
    "2000:x:3000:3000::/odd:\n"
    "short:x\n"
    "homeless:x:5:6::\n";
constexpr std::string_view kGroup =
    "root:x:0:\n"
    "app:x:1001:\n"
    "audio:x:29:app,other\n"
    "video:x:44:other\n"
    "staff:x:50:other,app\n";

IdentityLookup find(std::string_view user) { return find_identity(user, kPasswd, kGroup); }

TEST(FindIdentity, ByNameHasItsGroupsAndHome) {
  const auto found = find("app");
  EXPECT_EQ(found.error, "");
  EXPECT_EQ(found.identity.user, 1000U);
  EXPECT_EQ(found.identity.group, 1001U);
  EXPECT_EQ(found.identity.groups, (std::vector<gid_t>{1001, 29, 50}));
  EXPECT_EQ(found.identity.home, "/home/app");
}

TEST(FindIdentity, ByNumberIsTheSameUser) {
  const auto found = find("1000");
  EXPECT_EQ(found.identity.user, 1000U);
  EXPECT_EQ(found.identity.groups, (std::vector<gid_t>{1001, 29, 50}));
}

TEST(FindIdentity, ANumberNeedsNoEntry) {
  const auto found = find("4711:4712");
  EXPECT_EQ(found.error, "");
  EXPECT_EQ(found.identity.user, 4711U);
  EXPECT_EQ(found.identity.group, 4712U);
  EXPECT_EQ(found.identity.home, "/");
}

TEST(FindIdentity, WithoutAnyFileNumbersWork) {
  EXPECT_EQ(find_identity("7:8", "", "").identity.group, 8U);
  EXPECT_EQ(find_identity("7", "", "").identity.group, 0U);
  EXPECT_EQ(find_identity("app", "", "").error, "unable to find user app: no matching entries in passwd file");
}

TEST(FindIdentity, ANameOfDigitsIsAName) { EXPECT_EQ(find("2000").identity.user, 3000U); }

TEST(FindIdentity, ANamedGroupIsTheOnlyOne) {
  const auto found = find("app:video");
  EXPECT_EQ(found.identity.group, 44U);
  EXPECT_EQ(found.identity.groups, std::vector<gid_t>{44});
}

TEST(FindIdentity, AGroupAloneIsRoots) {
  const auto found = find(":staff");
  EXPECT_EQ(found.identity.user, 0U);
  EXPECT_EQ(found.identity.group, 50U);
}

TEST(FindIdentity, StrangersAreNamed) {
  EXPECT_EQ(find("nobody").error, "unable to find user nobody: no matching entries in passwd file");
  EXPECT_EQ(find("app:nogroup").error, "unable to find group nogroup: no matching entries in group file");
  EXPECT_EQ(find("short").error, "unable to find user short: no matching entries in passwd file");
  EXPECT_EQ(find("99999999999").error, "unable to find user 99999999999: no matching entries in passwd file");
}

TEST(FindIdentity, AnEmptyHomeIsTheRoot) { EXPECT_EQ(find("homeless").identity.home, "/"); }

}  // namespace
}  // namespace sockerless::agent
