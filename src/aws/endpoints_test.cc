#include "aws/endpoints.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/json.h"

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

struct Vector {
  std::string service;
  std::string region;
  bool fips = false;
  bool dual_stack = false;
  std::string url;

  static constexpr auto fields() {
    return std::tuple{json::field("service", &Vector::service), json::field("region", &Vector::region),
                      json::field("fips", &Vector::fips), json::field("dual_stack", &Vector::dual_stack),
                      json::field("url", &Vector::url)};
  }
};

TEST(Endpoints, AreThoseOfAwssOwnRules) {
  std::ifstream file(std::string(SOCKERLESS_TEST_VECTORS) + "/endpoints/botocore.json");
  std::stringstream text;
  text << file.rdbuf();
  const auto vectors = json::parse<std::vector<Vector>>(text.str());
  EXPECT_GT(vectors.size(), 200u);
  for (const Vector& vector : vectors) {
    EXPECT_EQ(default_endpoint(vector.service, vector.region, vector.fips, vector.dual_stack), vector.url);
  }
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
