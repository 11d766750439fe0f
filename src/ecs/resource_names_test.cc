#include "ecs/resource_names.h"

#include <gtest/gtest.h>

#include <string>

namespace sockerless::ecs {
namespace {

TEST(ResourceNames, OfTheNetworkBeginWithTheirKind) {
  EXPECT_TRUE(can_be_subnet("subnet-0bb1c79de3EXAMPLE"));
  EXPECT_TRUE(can_be_security_group("sg-0123456789abcdef0"));
  EXPECT_TRUE(can_be_file_system("fs-01234567"));
  for (const char* text : {"", "subnet", "subnet-", "sg-01234567", "subnet-01234567 ", "subnet-a/b", "Subnet-a"}) {
    EXPECT_FALSE(can_be_subnet(text)) << text;
  }
  EXPECT_FALSE(can_be_security_group("subnet-01234567"));
  EXPECT_FALSE(can_be_file_system("fsap-01234567"));
}

TEST(ResourceNames, OfAClusterAreANameOrAnArn) {
  EXPECT_TRUE(can_be_cluster("my_cluster-1"));
  EXPECT_TRUE(can_be_cluster("arn:aws:ecs:eu-west-1:123456789012:cluster/one"));
  for (const char* text : {"", "my cluster", "a/b", "arn:aws:ecs:eu-west-1:123456789012:service/one",
                           "arn:aws:ecs:eu-west-1:1234:cluster/one"}) {
    EXPECT_FALSE(can_be_cluster(text)) << text;
  }
  EXPECT_FALSE(can_be_cluster(std::string(256, 'a')));
}

TEST(ResourceNames, OfALogGroupHaveItsCharacters) {
  EXPECT_TRUE(can_be_log_group("/ecs/my-app_1.2#x"));
  EXPECT_FALSE(can_be_log_group("/ecs/my app"));
  EXPECT_FALSE(can_be_log_group(""));
  EXPECT_FALSE(can_be_log_group(std::string(513, 'a')));
}

TEST(ResourceNames, OfARoleAreArnsOfThePartition) {
  EXPECT_TRUE(can_be_role_arn("arn:aws:iam::123456789012:role/execution", "aws"));
  EXPECT_TRUE(can_be_role_arn("arn:aws-cn:iam::123456789012:role/path/execution", "aws-cn"));
  for (const char* text : {"", "execution", "arn:aws:iam::123456789012:user/me", "arn:aws:iam::12345678901:role/x",
                           "arn:aws:iam::123456789012:role/", "arn:aws-cn:iam::123456789012:role/x"}) {
    EXPECT_FALSE(can_be_role_arn(text, "aws")) << text;
  }
}

TEST(ResourceNames, OfASecretAreArnsOfSecretsManager) {
  EXPECT_TRUE(can_be_secret_arn("arn:aws:secretsmanager:us-east-1:123456789012:secret:ghcr-AbCdEf", "aws"));
  EXPECT_FALSE(can_be_secret_arn("arn:aws:ssm:us-east-1:123456789012:parameter/ghcr", "aws"));
  EXPECT_FALSE(can_be_secret_arn("ghcr", "aws"));
}

}  // namespace
}  // namespace sockerless::ecs
