#include "cloud/images/reference.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::cloud {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(Reference, OfPlainNameIsOnDockerHub) {
  const Reference reference = parse_reference("busybox");
  EXPECT_EQ(reference.host, "docker.io");
  EXPECT_EQ(reference.repository, "library/busybox");
  EXPECT_EQ(reference.tag, "latest");
  EXPECT_EQ(reference.text(), "docker.io/library/busybox:latest");
}

TEST(Reference, KeepsUserOfDockerHub) { EXPECT_EQ(parse_reference("me/tool:1").text(), "docker.io/me/tool:1"); }

TEST(Reference, TakesHostWithPortOrDotOrLocalhost) {
  EXPECT_EQ(parse_reference("127.0.0.1:5000/busybox").text(), "127.0.0.1:5000/busybox:latest");
  EXPECT_EQ(parse_reference("ghcr.io/a/b/c:x").text(), "ghcr.io/a/b/c:x");
  EXPECT_EQ(parse_reference("localhost/a").text(), "localhost/a:latest");
  EXPECT_EQ(parse_reference("index.docker.io/busybox").text(), "docker.io/library/busybox:latest");
}

TEST(Reference, WithDigestAsksForTheDigest) {
  const Reference reference = parse_reference("busybox:1.36@" + kDigest);
  EXPECT_EQ(reference.version(), kDigest);
  EXPECT_EQ(reference.tag, "1.36");
  EXPECT_EQ(parse_reference("busybox@" + kDigest).tag, "");
}

TEST(Reference, RefusesWhatDockerRefuses) {
  for (const std::string text :
       {"", "Busybox", "a//b", "/a", "a/", "a:", "a:-x", "a@sha256:12", "a__.b", "-a", "a b", "a/../b", "a.", "a---"}) {
    EXPECT_THROW(parse_reference(text), Error) << text;
  }
  EXPECT_EQ(parse_reference("x/a--b__c.d/e-f").text(), "docker.io/x/a--b__c.d/e-f:latest");
}

}  // namespace
}  // namespace sockerless::cloud
