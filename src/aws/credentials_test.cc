#include "aws/credentials.h"

#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "tests/support/run.h"

namespace sockerless::aws {
namespace {

EnvironmentCredentials from(std::map<std::string, std::string> variables) {
  return EnvironmentCredentials([variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(EnvironmentCredentials, TakesThePairAndTheToken) {
  const auto found =
      from({{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}}).find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->access_key_id, "AKID");
  EXPECT_EQ(found->secret_access_key.reveal(), "s");
  EXPECT_EQ(found->session_token.reveal(), "t");
}

TEST(EnvironmentCredentials, HalfAPairIsAnErrorThatNamesBoth) {
  try {
    from({{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", ""}}).find();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::forbidden);
    EXPECT_STREQ(error.what(),
                 "incomplete AWS credentials in the environment: AWS_ACCESS_KEY_ID is set but "
                 "AWS_SECRET_ACCESS_KEY is not");
  }
  EXPECT_THROW(from({{"AWS_SECRET_ACCESS_KEY", "s"}}).find(), Error);
}

TEST(EnvironmentCredentials, EmptyCountsAsAbsent) {
  EXPECT_FALSE(from({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}}).find());
}

TEST(EnvironmentCredentials, NoneSaysWhatToSet) {
  asio::io_context loop;
  auto none = from({});
  try {
    test::run(loop, none.get());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::forbidden);
    EXPECT_NE(std::string(error.what()).find("AWS_SECRET_ACCESS_KEY"), std::string::npos);
  }
}

}  // namespace
}  // namespace sockerless::aws
