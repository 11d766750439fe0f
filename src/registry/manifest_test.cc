#include "registry/manifest.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::registry {
namespace {

using core::Platform;

Descriptor entry(std::string digest, std::string os, std::string architecture, std::string variant = "") {
  return {.digest = std::move(digest),
          .platform = PlatformEntry{std::move(architecture), std::move(os), std::move(variant)}};
}

TEST(Manifest, PlatformIsChosenByArchitectureAndVariant) {
  Manifest index;
  index.manifests = {entry("v5", "linux", "arm", "v5"), entry("v6", "linux", "arm", "v6"),
                     entry("arm64", "linux", "arm64", "v8"), entry("amd64", "linux", "amd64"),
                     entry("attestation", "unknown", "unknown")};
  EXPECT_EQ(choose_for_platform(index, {"linux", "amd64", ""}).digest, "amd64");
  EXPECT_EQ(choose_for_platform(index, {"linux", "arm64", ""}).digest, "arm64");
  EXPECT_EQ(choose_for_platform(index, {"linux", "arm", "v7"}).digest, "v6");
  EXPECT_EQ(choose_for_platform(index, {"linux", "arm", "v5"}).digest, "v5");
}

TEST(Manifest, MissingPlatformNamesBothSides) {
  Manifest index;
  index.manifests = {entry("a", "linux", "amd64"), entry("b", "linux", "386"), entry("x", "unknown", "unknown")};
  try {
    choose_for_platform(index, {"linux", "arm64", ""});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_STREQ(
        error.what(),
        "no matching manifest for linux/arm64 in the manifest list entries (there are: linux/amd64, linux/386)");
  }
}

TEST(Manifest, RefusesWhatIsNone) {
  EXPECT_THROW(parse_manifest("<html>"), Error);
  EXPECT_THROW(parse_manifest(R"({"schemaVersion":1,"name":"x"})"), Error);
  EXPECT_THROW(parse_manifest(R"({"schemaVersion":2})"), Error);
}

TEST(ImageConfigDocument, IsReadWhole) {
  const auto image =
      parse_config(R"({"created":"2024-01-02T03:04:05Z","author":"me","architecture":"arm64","os":"linux",
    "variant":"v8","config":{"User":"1000","Env":["PATH=/bin"],"Entrypoint":["/e"],"Cmd":["a","b"],"WorkingDir":"/w",
    "ExposedPorts":{"80/tcp":{},"53/udp":{}},"Volumes":{"/data":{}},"Labels":{"k":"v"},"StopSignal":"SIGQUIT",
    "Shell":["/bin/ash","-c"],"OnBuild":["RUN x"],"ArgsEscaped":true,
    "Healthcheck":{"Test":["CMD","true"],"Interval":30000000000,"Timeout":1,"StartPeriod":2,"StartInterval":3,"Retries":4}},
    "rootfs":{"type":"layers","diff_ids":["sha256:1"]},
    "history":[{"created":"2024-01-01T00:00:00Z","created_by":"ADD","comment":"c"},{"created_by":"CMD","empty_layer":true}]})");
  EXPECT_EQ(image.created, "2024-01-02T03:04:05Z");
  EXPECT_EQ(image.author, "me");
  EXPECT_EQ(image.platform, (Platform{"linux", "arm64", "v8"}));
  EXPECT_EQ(image.diff_ids, std::vector<std::string>{"sha256:1"});
  EXPECT_EQ(image.config.user, "1000");
  EXPECT_EQ(image.config.entrypoint, std::vector<std::string>{"/e"});
  EXPECT_EQ(image.config.command, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(image.config.exposed_ports, (std::vector<std::string>{"53/udp", "80/tcp"}));
  EXPECT_EQ(image.config.volumes, std::vector<std::string>{"/data"});
  EXPECT_EQ(image.config.labels.at("k"), "v");
  EXPECT_EQ(image.config.stop_signal, "SIGQUIT");
  EXPECT_TRUE(image.config.args_escaped);
  ASSERT_TRUE(image.config.healthcheck);
  EXPECT_EQ(image.config.healthcheck->interval, std::chrono::seconds(30));
  EXPECT_EQ(image.config.healthcheck->retries, 4);
  ASSERT_EQ(image.history.size(), 2u);
  EXPECT_TRUE(image.history[1].empty_layer);
}

TEST(ImageConfigDocument, NullsAreEmpty) {
  const auto image =
      parse_config(R"({"architecture":"amd64","os":"linux","config":{"Env":null,"Cmd":["sh"],"Labels":null,
    "Entrypoint":null,"Volumes":null,"ExposedPorts":null,"OnBuild":null},"history":null})");
  EXPECT_EQ(image.config.command, std::vector<std::string>{"sh"});
  EXPECT_TRUE(image.config.entrypoint.empty());
  EXPECT_FALSE(image.config.healthcheck);
}

}  // namespace
}  // namespace sockerless::registry
