#include "cloud/tasks/secret_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include "cloud/tasks/volumes.h"

namespace sockerless::cloud {
namespace {

const std::string kSecrets = "arn:aws:secretsmanager:us-east-1:000000000000:secret:";
const std::string kParameters = "arn:aws:ssm:us-east-1:000000000000:parameter/";

class SecretStoreTest : public testing::Test {
 protected:
  SecretStoreTest() : path_(testing::TempDir() + "secrets-" + std::to_string(::getpid())), store_(path_) {
    write(R"({"db":"{\"user\":\"me\",\"port\":5432}","/app/level":"debug","plain":"text"})");
  }
  ~SecretStoreTest() override { ::unlink(path_.c_str()); }

  void write(const std::string& text) const { std::ofstream(path_) << text; }

  std::string error_of(const std::string& value_from) const {
    try {
      return "value " + store_.resolve(value_from);
    } catch (const InitializationError& error) {
      return error.what();
    }
  }

  std::string path_;
  SecretStore store_;
};

TEST_F(SecretStoreTest, FindsASecretByNameSuffixOrArn) {
  EXPECT_EQ(store_.resolve(kSecrets + "plain"), "text");
  EXPECT_EQ(store_.resolve(kSecrets + "plain-AbCdEf"), "text");
  write("{\"" + kSecrets + "whole-AbCdEf\":\"arn\"}");
  EXPECT_EQ(store_.resolve(kSecrets + "whole-AbCdEf::stage:"), "arn");
}

TEST_F(SecretStoreTest, TakesAKeyOutOfADocument) {
  EXPECT_EQ(store_.resolve(kSecrets + "db-AbCdEf:user::"), "me");
  EXPECT_EQ(store_.resolve(kSecrets + "db:port"), "5432");
  EXPECT_NE(error_of(kSecrets + "db:password::").find("did not contain json key password"), std::string::npos);
  EXPECT_NE(error_of(kSecrets + "plain:key::").find("is not JSON"), std::string::npos);
}

TEST_F(SecretStoreTest, FindsAParameterByNameOrArn) {
  EXPECT_EQ(store_.resolve("/app/level"), "debug");
  EXPECT_EQ(store_.resolve(kParameters + "app/level"), "debug");
  EXPECT_EQ(store_.resolve(kParameters + "plain"), "text");
}

TEST_F(SecretStoreTest, SaysWhatIsMissingAsFargateDoes) {
  const std::string begin =
      "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
      "unable "
      "to retrieve ";
  EXPECT_EQ(
      error_of(kSecrets + "none"),
      begin + "secret from asm: service call has been retried 1 time(s): failed to fetch secret " + kSecrets +
          "none from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.");
  EXPECT_EQ(error_of("none"),
            begin + "secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: none");
}

TEST_F(SecretStoreTest, AFileThatCannotBeReadIsNamed) {
  write("[1]");
  EXPECT_NE(error_of("plain").find(path_ + " is not a JSON object"), std::string::npos);
  ::unlink(path_.c_str());
  EXPECT_NE(error_of("plain").find("cannot read " + path_), std::string::npos);
}

}  // namespace
}  // namespace sockerless::cloud
