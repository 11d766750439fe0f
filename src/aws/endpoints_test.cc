#include "aws/endpoints.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::aws {
namespace {

TEST(Endpoints, FollowThePartition) {
  EXPECT_EQ(default_endpoint("ecs", "us-east-1"), "https://ecs.us-east-1.amazonaws.com");
  EXPECT_EQ(default_endpoint("logs", "cn-north-1"), "https://logs.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(default_endpoint("ecs", "us-gov-west-1"), "https://ecs.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(default_endpoint("ecs", "eusc-de-east-1"), "https://ecs.eusc-de-east-1.amazonaws.eu");
  EXPECT_EQ(default_endpoint("ecs", "us-isob-east-1"), "https://ecs.us-isob-east-1.sc2s.sgov.gov");
  EXPECT_EQ(default_endpoint("ecs", "mars-north-1"), "https://ecs.mars-north-1.amazonaws.com");
  EXPECT_EQ(partition_of("us-gov-east-1").id, "aws-us-gov");
}

TEST(Endpoints, HaveFipsAndDualStackVariants) {
  EXPECT_EQ(default_endpoint("ecs", "us-east-1", true), "https://ecs-fips.us-east-1.amazonaws.com");
  EXPECT_EQ(default_endpoint("ecs", "us-east-1", false, true), "https://ecs.us-east-1.api.aws");
  EXPECT_EQ(default_endpoint("ecs", "us-east-1", true, true), "https://ecs-fips.us-east-1.api.aws");
  EXPECT_EQ(default_endpoint("logs", "us-gov-west-1", true), "https://logs.us-gov-west-1.amazonaws.com");
}

TEST(Endpoints, OfOneServiceWinsOverThatOfAll) {
  const EndpointSettings settings{.url = "http://all:1", .urls = {{"ECS", "http://one:2"}, {"STS", ""}}};
  EXPECT_EQ(resolve_endpoint(settings, "ECS", "ecs", "us-east-1").origin, "http://one:2");
  EXPECT_EQ(resolve_endpoint(settings, "STS", "sts", "us-east-1").origin, "http://all:1");
  EXPECT_EQ(resolve_endpoint({}, "STS", "sts", "us-east-1").origin, "https://sts.us-east-1.amazonaws.com");
}

TEST(Endpoints, HostHasThePortUnlessItIsTheSchemesOwn) {
  EXPECT_EQ(parse_endpoint("http://127.0.0.1:4566/").host, "127.0.0.1:4566");
  EXPECT_EQ(parse_endpoint("http://127.0.0.1:4566/").origin, "http://127.0.0.1:4566");
  EXPECT_EQ(parse_endpoint("https://example.com:443").host, "example.com");
  EXPECT_EQ(parse_endpoint("http://example.com:443").host, "example.com:443");
}

TEST(Endpoints, RefuseWhatIsNoEndpoint) {
  for (const char* text : {"", "127.0.0.1:1", "ftp://x", "http://", "http://x/path", "http://u@x", "https://x?y"}) {
    EXPECT_THROW(parse_endpoint(text), Error) << text;
  }
}

}  // namespace
}  // namespace sockerless::aws
