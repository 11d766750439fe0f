#include "docker/version.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::docker {
namespace {

ApiVersion take(std::string path, const std::string& rest) {
  const ApiVersion version = take_version(path);
  EXPECT_EQ(path, rest);
  return version;
}

TEST(ApiVersion, IsTakenOffThePath) {
  EXPECT_EQ(take("/v1.41/containers/json", "/containers/json"), (ApiVersion{1, 41}));
  EXPECT_EQ(take("/v1.24/_ping", "/_ping"), (ApiVersion{1, 24}));
}

TEST(ApiVersion, WithoutOneTheNewestIsMeant) {
  EXPECT_EQ(take("/containers/json", "/containers/json"), kNewest);
  EXPECT_EQ(take("/volumes", "/volumes"), kNewest);
  EXPECT_EQ(take("/version", "/version"), kNewest);
}

TEST(ApiVersion, OutsideTheWindowIsRefusedInDockersWords) {
  std::string path = "/v9.99/info";
  try {
    take_version(path);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "client version 9.99 is too new. Maximum supported API version is 1.51");
  }
  path = "/v1.10/info";
  EXPECT_THROW(take_version(path), Error);
}

}  // namespace
}  // namespace sockerless::docker
