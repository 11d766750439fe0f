#include "cloud/runner/user.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class UserTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/sockerless-user-XXXXXX";
    root_ = ::mkdtemp(name);
    fs::create_directory(root_ + "/etc");
    std::ofstream(root_ + "/etc/passwd") << "root:x:0:0:root:/root:/bin/sh\nbroken\nme:x:1000:100:Me:/home/me:/bin/sh\n"
                                            "1001:x:7:8::/seven:/bin/sh\n";
    std::ofstream(root_ + "/etc/group") << "root:x:0:\nusers:x:100:\nwheel:x:10:root,me\naudio:x:20:me\n";
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string failure_of(const std::string& text) {
    try {
      find_user(root_, text);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

  std::string root_;
};

TEST_F(UserTest, OfNothingIsRoot) {
  const User user = find_user(root_, "");
  EXPECT_EQ(user.uid, 0U);
  EXPECT_EQ(user.home, "/root");
  EXPECT_THAT(user.additional_gids, ElementsAre(0, 10));
}

TEST_F(UserTest, ByNameOrNumberHasItsGroups) {
  for (const std::string text : {"me", "1000"}) {
    const User user = find_user(root_, text);
    EXPECT_EQ(user.uid, 1000U);
    EXPECT_EQ(user.gid, 100U);
    EXPECT_EQ(user.home, "/home/me");
    EXPECT_THAT(user.additional_gids, ElementsAre(100, 10, 20));
  }
}

TEST_F(UserTest, WithAGroupHasOnlyThat) {
  EXPECT_EQ(find_user(root_, "me:audio").gid, 20U);
  EXPECT_EQ(find_user(root_, "me:33").gid, 33U);
  EXPECT_THAT(find_user(root_, "me:audio").additional_gids, ElementsAre(20));
  EXPECT_EQ(find_user(root_, ":audio").gid, 20U);
}

TEST_F(UserTest, ThatIsUnknownMayBeANumberOnly) {
  EXPECT_EQ(find_user(root_, "4242").uid, 4242U);
  EXPECT_EQ(find_user(root_, "4242").gid, 0U);
  EXPECT_EQ(find_user(root_, "4242").home, "/");
  EXPECT_EQ(failure_of("nobody"), "unable to find user nobody: no matching entries in passwd file");
  EXPECT_EQ(failure_of("me:nogroup"), "unable to find group nogroup: no matching entries in group file");
  EXPECT_EQ(failure_of("4000000000"), "uids and gids must be in range 0-2147483647");
}

TEST_F(UserTest, ANameWinsOverANumber) { EXPECT_EQ(find_user(root_, "1001").uid, 7U); }

TEST_F(UserTest, IsNotReadFromTheHostThroughALink) {
  fs::remove(root_ + "/etc/passwd");
  fs::create_symlink("/etc/hosts-of-nobody", root_ + "/etc/passwd");
  EXPECT_EQ(failure_of("daemon"), "unable to find user daemon: no matching entries in passwd file");
}

}  // namespace
}  // namespace sockerless::cloud
