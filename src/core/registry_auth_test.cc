#include "core/registry_auth.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/error.h"

namespace sockerless::core {
namespace {

TEST(RegistryAuth, EmptyObjectIsAnonymous) {
  EXPECT_TRUE(decode_registry_auth("").is_anonymous());
  EXPECT_TRUE(decode_registry_auth("e30=").is_anonymous());
}

TEST(RegistryAuth, ReadsUserAndPassword) {
  const auto auth = decode_registry_auth(
      base64_encode(R"({"username":"me","password":"p>?w","serveraddress":"https://index.docker.io/v1/"})"));
  EXPECT_EQ(auth.username, "me");
  EXPECT_EQ(auth.password.reveal(), "p>?w");
  EXPECT_EQ(auth.server_address, "https://index.docker.io/v1/");
}

TEST(RegistryAuth, ReadsTheCombinedForm) {
  const auto auth = decode_registry_auth(base64_encode(R"({"auth":")" + base64_encode("me:a:b") + R"("})"));
  EXPECT_EQ(auth.username, "me");
  EXPECT_EQ(auth.password.reveal(), "a:b");
}

TEST(RegistryAuth, ReadsTokens) {
  const auto auth = decode_registry_auth(base64_encode(R"({"identitytoken":"i","registrytoken":"r"})"));
  EXPECT_EQ(auth.identity_token.reveal(), "i");
  EXPECT_EQ(auth.registry_token.reveal(), "r");
  EXPECT_FALSE(auth.is_anonymous());
}

TEST(RegistryAuth, RefusesGarbage) {
  for (const std::string& header :
       {std::string("%%%"), base64_encode("[]"), base64_encode("{"), base64_encode(R"({"auth":"bm9jb2xvbg=="})")}) {
    EXPECT_THROW(decode_registry_auth(header), Error) << header;
  }
}

}  // namespace
}  // namespace sockerless::core
