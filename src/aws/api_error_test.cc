#include "aws/api_error.h"

#include <gtest/gtest.h>

#include "aws/xml.h"

namespace sockerless::aws {
namespace {

ApiError error(std::string code, std::string text, int status = 400) {
  return ApiError({.operation = "RunTask",
                   .code = std::move(code),
                   .text = std::move(text),
                   .request_id = "r-1",
                   .http_status = status,
                   .credentials_source = "the environment",
                   .attempts = 3});
}

TEST(ApiError, CodesLoseWhatSurroundsThem) {
  EXPECT_EQ(sanitized_code("FooException"), "FooException");
  EXPECT_EQ(sanitized_code("com.amazonaws.ecs#FooException"), "FooException");
  EXPECT_EQ(sanitized_code("FooException:http://internal.amazon.com/doc#x"), "FooException");
  EXPECT_EQ(sanitized_code("aws.protocoltests#FooError:http://x"), "FooError");
}

TEST(ApiError, NamesOperationCodeTextAndRequest) {
  EXPECT_STREQ(error("ClientException", "bad family").what(), "RunTask: ClientException: bad family (request id r-1)");
}

TEST(ApiError, NamesTheRemedy) {
  EXPECT_STREQ(error("UnrecognizedClientException", "The security token included in the request is invalid.").what(),
               "RunTask: UnrecognizedClientException: The security token included in the request is invalid. "
               "(request id r-1); check the AWS credentials that the daemon takes from the environment");
  EXPECT_NE(std::string(error("AccessDeniedException", "no").what()).find("allow the action RunTask"),
            std::string::npos);
  EXPECT_NE(std::string(error("ClusterNotFoundException", "Cluster not found.").what()).find("SOCKERLESS_ECS_CLUSTER"),
            std::string::npos);
}

// A 404 would make `docker run` pull, a 401 would make it ask for a password.
TEST(ApiError, KindsGiveDockerClientsAFittingStatus) {
  EXPECT_EQ(error("AccessDeniedException", "").kind(), ErrorKind::forbidden);
  EXPECT_EQ(error("ExpiredTokenException", "").kind(), ErrorKind::forbidden);
  EXPECT_EQ(error("InvalidSignatureException", "").kind(), ErrorKind::forbidden);
  EXPECT_EQ(error("MissingAuthenticationTokenException", "").kind(), ErrorKind::forbidden);
  EXPECT_EQ(error("ThrottlingException", "Rate exceeded").kind(), ErrorKind::unavailable);
  EXPECT_EQ(error("ServerException", "", 500).kind(), ErrorKind::unavailable);
  EXPECT_EQ(error("LimitExceededException", "").kind(), ErrorKind::unavailable);
  EXPECT_EQ(error("ResourceNotFoundException", "").kind(), ErrorKind::internal);
  EXPECT_EQ(error("ClientException", "").kind(), ErrorKind::internal);
}

TEST(ApiError, ThrottlingHidesInOtherCodes) {
  EXPECT_TRUE(is_throttling("ThrottlingException", ""));
  EXPECT_TRUE(is_throttling("InvalidParameterException", "Rate exceeded"));
  EXPECT_TRUE(is_throttling("ClientException", "Too many concurrent attempts to create a new revision"));
  EXPECT_FALSE(is_throttling("ClientException", "Container list cannot be empty."));
  EXPECT_FALSE(is_throttling("LimitExceededException", "too many requests"));
}

TEST(Xml, FindsTextAndDecodesEntities) {
  const std::string document = "<R><Error><Code>AccessDenied</Code><Message>a &lt;b&gt; &amp; c</Message></Error></R>";
  EXPECT_EQ(xml_text(document, "Code"), "AccessDenied");
  EXPECT_EQ(xml_text(document, "Message"), "a <b> & c");
  EXPECT_EQ(xml_text(document, "RequestId"), "");
  EXPECT_EQ(xml_text("<Code>cut", "Code"), "");
}

}  // namespace
}  // namespace sockerless::aws
