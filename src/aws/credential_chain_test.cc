#include "aws/credential_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "aws/process_credentials.h"
#include "aws/sso_credentials.h"
#include "base/error.h"
#include "base/id.h"
#include "tests/support/http_imposter.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::aws {
namespace {

using test::HttpImposter;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kRole =
    "<R><Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
    "<Expiration>2026-01-01T01:00:00Z</Expiration></Credentials></R>";
constexpr const char* kMetadata =
    R"({"Code":"Success","AccessKeyId":"META","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-01T06:00:00Z"})";

class CredentialChainTest : public testing::Test {
 protected:
  CredentialChainTest() {
    std::filesystem::create_directories(home_ + "/.aws/sso/cache");
    variables_ = {{"HOME", home_}, {"AWS_EC2_METADATA_DISABLED", "true"}};
  }
  ~CredentialChainTest() override { std::filesystem::remove_all(home_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(home_ + "/" + name) << text; }

  Credentials get() {
    const auto environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
    ClientSettings settings{.region = "us-east-1", .endpoints = {.url = aws_.url()}, .attempts = 1};
    CredentialChain chain({transport_, clock_, environment, settings});
    return test::run(loop_, chain.get());
  }

  std::string failure() {
    try {
      get();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::forbidden);
      return error.what();
    }
    return "no failure";
  }

  std::string home_ = std::filesystem::temp_directory_path() / ("credentials-" + random_hex(8));
  std::map<std::string, std::string> variables_;
  asio::io_context loop_;
  HttpImposter aws_{loop_};
  test::ManualClock clock_{loop_.get_executor()};
  http::Client transport_{loop_.get_executor()};
};

TEST_F(CredentialChainTest, WithoutAnySaysWhatWasTried) {
  EXPECT_THAT(failure(),
              AllOf(HasSubstr("the environment"), HasSubstr(home_ + "/.aws/config"),
                    HasSubstr("AWS_WEB_IDENTITY_TOKEN_FILE"), HasSubstr("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                    HasSubstr("AWS_EC2_METADATA_DISABLED"), HasSubstr("AWS_PROFILE")));
}

TEST_F(CredentialChainTest, EnvironmentComesBeforeTheProfile) {
  write(".aws/credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
  EXPECT_EQ(get().access_key_id, "FILE");
  variables_["AWS_ACCESS_KEY_ID"] = "ENV";
  variables_["AWS_SECRET_ACCESS_KEY"] = "s";
  EXPECT_EQ(get().access_key_id, "ENV");
}

TEST_F(CredentialChainTest, ProfileThatWasAskedForMustExist) {
  variables_["AWS_PROFILE"] = "absent";
  EXPECT_THAT(failure(), HasSubstr("\"absent\""));
}

TEST_F(CredentialChainTest, RoleIsAssumedWithItsSourceProfile) {
  write(".aws/config",
        "[profile work]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nexternal_id = a b\n"
        "duration_seconds = 900\n");
  write(".aws/credentials", "[base]\naws_access_key_id = BASE\naws_secret_access_key = s\n");
  variables_["AWS_PROFILE"] = "work";
  aws_.answer({.body = kRole, .content_type = "text/xml"});
  const Credentials found = get();
  EXPECT_EQ(found.access_key_id, "ROLE");
  EXPECT_EQ(found.expiration, parse_rfc3339("2026-01-01T01:00:00Z"));
  const auto& request = aws_.requests().at(0);
  EXPECT_EQ(request.body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=sockerless&"
            "DurationSeconds=900&ExternalId=a%20b");
  EXPECT_THAT(request.header("authorization"), HasSubstr("Credential=BASE/"));
}

TEST_F(CredentialChainTest, RefusedRoleSaysWhatStsSaid) {
  write(".aws/config",
        "[default]\nrole_arn = arn:r\nsource_profile = default\naws_access_key_id = K\n"
        "aws_secret_access_key = s\n");
  aws_.answer({.status = 403,
               .body = "<E><Code>AccessDenied</Code><Message>not you</Message><RequestId>id-1</RequestId></E>",
               .content_type = "text/xml"});
  EXPECT_THAT(failure(), AllOf(HasSubstr("arn:r"), HasSubstr("not you"), HasSubstr("id-1")));
}

TEST_F(CredentialChainTest, ProfilesThatGoInCirclesAreRefused) {
  write(".aws/config",
        "[profile a]\nrole_arn = r1\nsource_profile = b\n[profile b]\nrole_arn = r2\nsource_profile = a\n");
  variables_["AWS_PROFILE"] = "a";
  EXPECT_THAT(failure(), HasSubstr("leads back to itself"));
  EXPECT_TRUE(aws_.requests().empty());
}

TEST_F(CredentialChainTest, WebIdentityIsSentUnsigned) {
  write("token", "jwt.with/slash");
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = home_ + "/token";
  variables_["AWS_ROLE_ARN"] = "arn:web";
  aws_.answer({.body = kRole, .content_type = "text/xml"});
  EXPECT_EQ(get().access_key_id, "ROLE");
  EXPECT_THAT(aws_.requests().at(0).body, HasSubstr("WebIdentityToken=jwt.with%2Fslash"));
  EXPECT_EQ(aws_.requests().at(0).header("authorization"), "");
}

TEST_F(CredentialChainTest, ProcessIsRunWithoutAShell) {
  write("keys.json", R"({"Version":1,"AccessKeyId":"PROC","SecretAccessKey":"s","Expiration":"2026-01-01T02:00:00Z"})");
  write(".aws/config", "[default]\ncredential_process = cat \"" + home_ + "/keys.json\"\n");
  const Credentials found = get();
  EXPECT_EQ(found.access_key_id, "PROC");
  EXPECT_TRUE(found.expiration.has_value());
}

TEST_F(CredentialChainTest, ProcessThatFailsIsNamed) {
  write(".aws/config", "[default]\ncredential_process = false\n");
  EXPECT_THAT(failure(), AllOf(HasSubstr("\"false\""), HasSubstr("status 1")));
  write(".aws/config", "[default]\ncredential_process = echo not-json\n");
  EXPECT_THAT(failure(), HasSubstr("not the JSON"));
}

TEST_F(CredentialChainTest, SsoTokenBuysTheRolesKeys) {
  write(".aws/config",
        "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = dev\n"
        "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp\n");
  EXPECT_THAT(failure(), HasSubstr("aws sso login --sso-session corp"));
  std::ofstream(sso_token_file(home_ + "/.aws", {.session = "corp"}))
      << R"({"accessToken":"tok","expiresAt":"2026-01-01T08:00:00Z"})";
  aws_.answer({.body = R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t",)"
                       R"("expiration":1767229200000}})"});
  const Credentials found = get();
  EXPECT_EQ(found.access_key_id, "SSO");
  EXPECT_EQ(found.expiration, parse_rfc3339("2026-01-01T01:00:00Z"));
  EXPECT_EQ(aws_.requests().at(0).target.path(), "/federation/credentials");
}

TEST_F(CredentialChainTest, SsoTokenThatExpiresIsRenewed) {
  write(".aws/config",
        "[default]\nsso_start_url = https://corp\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = dev\n");
  std::ofstream(sso_token_file(home_ + "/.aws", {.start_url = "https://corp"}))
      << R"({"accessToken":"old","expiresAt":"2026-01-01T00:01:00Z","clientId":"c","clientSecret":"cs",)"
         R"("refreshToken":"r"})";
  aws_.answer({.body = R"({"accessToken":"new"})"});
  aws_.answer({.body = R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s"}})"});
  EXPECT_EQ(get().access_key_id, "SSO");
  EXPECT_EQ(aws_.requests().at(0).target.path(), "/token");
  EXPECT_THAT(aws_.requests().at(0).body, HasSubstr(R"("refreshToken":"r")"));
}

TEST_F(CredentialChainTest, ContainerEndpointGetsTheTokenOfTheFile) {
  write("authorization", "secret-word\n");
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = aws_.url() + "/role";
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = home_ + "/authorization";
  aws_.answer({.status = 500});
  aws_.answer({.body = kMetadata});
  EXPECT_EQ(get().access_key_id, "META");
  EXPECT_EQ(aws_.requests().at(1).header("authorization"), "secret-word");
}

TEST_F(CredentialChainTest, ContainerEndpointMustBeTrusted) {
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/role";
  EXPECT_THAT(failure(), HasSubstr("must be https"));
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://localhost.example.com/role";
  EXPECT_THAT(failure(), HasSubstr("must be https"));
}

TEST_F(CredentialChainTest, InstanceIsAskedByToken) {
  variables_.erase("AWS_EC2_METADATA_DISABLED");
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = aws_.url();
  aws_.answer({.body = "imds-token"});
  aws_.answer({.body = "the-role"});
  aws_.answer({.body = kMetadata});
  const Credentials found = get();
  EXPECT_EQ(found.access_key_id, "META");
  EXPECT_THAT(found.source, HasSubstr("the-role"));
  EXPECT_EQ(aws_.requests().at(0).method, "PUT");
  EXPECT_EQ(aws_.requests().at(2).target.path(), "/latest/meta-data/iam/security-credentials/the-role");
}

TEST_F(CredentialChainTest, InstanceWithoutARoleIsSaidSo) {
  variables_.erase("AWS_EC2_METADATA_DISABLED");
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = aws_.url();
  aws_.answer({.body = "imds-token"});
  aws_.answer({.status = 404});
  EXPECT_THAT(failure(), HasSubstr("the instance has no role"));
}

TEST(SplitCommand, ProtectsWhatIsQuoted) {
  EXPECT_EQ(split_command(R"(a  "b c" 'd "e' f\ g "h\"i")"),
            (std::vector<std::string>{"a", "b c", "d \"e", "f g", "h\"i"}));
  EXPECT_EQ(split_command("x \"\""), (std::vector<std::string>{"x", ""}));
  EXPECT_THROW(split_command("a \"b"), Error);
}

TEST(SharedConfig, EndpointsOfOneServiceWinOverThatOfTheProfile) {
  const auto config = SharedConfig::parse(
      "[profile dev]\n"
      "services = local\n"
      "endpoint_url = http://all:1\n"
      "[services local]\n"
      "ecs =\n"
      "  endpoint_url = http://ecs:2\n"
      "cloudwatch_logs =\n"
      "  endpoint_url = http://logs:3\n"
      "[profile plain]\n"
      "services = nowhere\n",
      "");
  EXPECT_EQ(config.endpoint_url("dev", "ECS"), "http://ecs:2");
  EXPECT_EQ(config.endpoint_url("dev", "CLOUDWATCH_LOGS"), "http://logs:3");
  EXPECT_EQ(config.endpoint_url("dev", "STS"), "http://all:1");
  EXPECT_EQ(config.endpoint_url("plain", "ECS"), "");
  EXPECT_EQ(config.endpoint_url("none", "ECS"), "");
}

TEST(SharedConfig, CredentialsFileWinsAndCommentsGo) {
  const auto config = SharedConfig::parse(
      "# c\n[default]\nregion = eu-west-1 ; here\n[profile  \"build box\"]\n"
      "REGION=us-west-2\ns3 =\n  max = 1\n[services x]\n",
      "[default]\nregion=us-east-2\n");
  EXPECT_EQ(value_in(*config.profile("default"), "region"), "us-east-2");
  EXPECT_EQ(value_in(*config.profile("build box"), "region"), "us-west-2");
  EXPECT_EQ(value_in(*config.profile("build box"), "s3.max"), "1");
  EXPECT_EQ(config.profile("x"), nullptr);
}

}  // namespace
}  // namespace sockerless::aws
