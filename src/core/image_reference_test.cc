#include "core/image_reference.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::core {
namespace {

const std::string kHex(64, 'a');

std::string failure_of(const std::string& text) {
  try {
    ImageReference::parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    return error.what();
  }
  return "accepted";
}

TEST(ImageReference, FillsInWhatDockerLeavesOut) {
  const auto name = ImageReference::parse("busybox");
  EXPECT_EQ(name.domain(), "docker.io");
  EXPECT_EQ(name.path(), "library/busybox");
  EXPECT_EQ(name.tag(), "");
  EXPECT_EQ(name.with_default_tag().canonical(), "docker.io/library/busybox:latest");
  EXPECT_EQ(name.with_default_tag().familiar(), "busybox:latest");
}

TEST(ImageReference, TellsRegistriesFromUsers) {
  EXPECT_EQ(ImageReference::parse("user/image").domain(), "docker.io");
  EXPECT_EQ(ImageReference::parse("localhost/image").domain(), "localhost");
  EXPECT_EQ(ImageReference::parse("host:5000/image").domain(), "host:5000");
  EXPECT_EQ(ImageReference::parse("ghcr.io/a/b").domain(), "ghcr.io");
  EXPECT_EQ(ImageReference::parse("Host/image").domain(), "Host");
  EXPECT_EQ(ImageReference::parse("[2001:db8::1]:5000/a").domain(), "[2001:db8::1]:5000");
  EXPECT_EQ(ImageReference::parse("index.docker.io/busybox").canonical(), "docker.io/library/busybox");
  EXPECT_EQ(ImageReference::parse("docker.io/busybox").familiar(), "busybox");
}

TEST(ImageReference, KeepsTagAndDigest) {
  const std::string text = "ghcr.io/a/b:v1.2_3-x@sha256:" + kHex;
  const auto reference = ImageReference::parse(text);
  EXPECT_EQ(reference.tag(), "v1.2_3-x");
  EXPECT_EQ(reference.digest(), "sha256:" + kHex);
  EXPECT_EQ(reference.familiar(), text);
  EXPECT_EQ(reference.with_default_tag(), reference);
  EXPECT_EQ(reference.without_tag_and_digest().canonical(), "ghcr.io/a/b");
}

TEST(ImageReference, FamiliarNameKeepsLibraryOfOtherRegistriesAndDeeperPaths) {
  EXPECT_EQ(ImageReference::parse("library/busybox").familiar(), "busybox");
  EXPECT_EQ(ImageReference::parse("library/a/b").familiar(), "library/a/b");
  EXPECT_EQ(ImageReference::parse("quay.io/library/x").familiar(), "quay.io/library/x");
}

// The sentences of github.com/distribution/reference.
TEST(ImageReference, RefusesWithDockersSentences) {
  EXPECT_EQ(failure_of("Bad"), "invalid reference format: repository name (library/Bad) must be lowercase");
  EXPECT_EQ(failure_of("localhost/Bad:x"), "invalid reference format: repository name (Bad) must be lowercase");
  EXPECT_EQ(failure_of(kHex), "invalid repository name (" + kHex + "), cannot specify 64-byte hexadecimal strings");
  EXPECT_EQ(failure_of("a@md5:" + std::string(32, '0')), "unsupported digest algorithm");
  EXPECT_EQ(failure_of("a@sha256:" + std::string(40, '0')), "invalid checksum digest length");
  EXPECT_EQ(failure_of("a@sha256:" + std::string(64, 'A')), "invalid checksum digest format");
  EXPECT_EQ(failure_of(std::string(260, 'a')), "repository name must not be more than 255 characters");
}

TEST(ImageReference, RefusesMalformedText) {
  for (const char* text : {"", ":tag", "a:", "a:-x", "a//b", "/a", "a/", "-a", "a-", "a..b", "a___b", "a b", "a:b:c",
                           "a@", "a@sha256:xyz", "host:port/a", "http://host/a", "a.b-/c", "\xc3\xa4"}) {
    EXPECT_EQ(failure_of(text), "invalid reference format") << text;
  }
  EXPECT_EQ(failure_of("a:" + std::string(129, 'x')), "invalid reference format");
}

TEST(ImageReference, TakesEverySeparatorOfTheGrammar) {
  EXPECT_EQ(ImageReference::parse("a__b/c.d/e---f/g_h:0").path(), "a__b/c.d/e---f/g_h");
}

TEST(ImageReference, ChecksTagsAndDigestsThatAreAdded) {
  const auto name = ImageReference::parse("busybox");
  EXPECT_THROW(name.with_tag("a b"), Error);
  EXPECT_THROW(name.with_digest("sha256:1"), Error);
  EXPECT_EQ(name.with_digest("sha256:" + kHex).familiar(), "busybox@sha256:" + kHex);
}

}  // namespace
}  // namespace sockerless::core
