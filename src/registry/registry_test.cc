#include "registry/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/error.h"
#include "base/sha256.h"
#include "tests/support/http_imposter.h"
#include "tests/support/run.h"

namespace sockerless::registry {
namespace {

using core::ImageReference;
using core::Platform;
using core::RegistryAuth;
using test::HttpImposter;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";

std::string digest_of(const std::string& text) { return "sha256:" + sha256_hex(text); }

std::string config_for(const std::string& architecture) {
  return R"({"architecture":")" + architecture + R"(","os":"linux","config":{"Cmd":["sh"]}})";
}

std::string manifest_for(const std::string& config) {
  return R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":")" +
         digest_of(config) + R"("},"layers":[{"digest":"sha256:l1","size":10},{"digest":"sha256:l2","size":32}]})";
}

class RegistryTest : public testing::Test {
 protected:
  // Serves an image of one platform; returns its manifest.
  std::string serve(const std::string& repository, const std::string& tag, const std::string& architecture) {
    const std::string config = config_for(architecture);
    std::string manifest = manifest_for(config);
    const HttpImposter::Answer answer{.body = manifest, .content_type = kManifestType};
    server_.on("/v2/" + repository + "/manifests/" + tag, answer);
    server_.on("/v2/" + repository + "/manifests/" + digest_of(manifest), answer);
    server_.on("/v2/" + repository + "/blobs/" + digest_of(config), {.body = config});
    return manifest;
  }

  void serve_index(const std::string& amd64, const std::string& arm64) {
    index_ = R"({"schemaVersion":2,"manifests":[{"digest":")" + digest_of(amd64) +
             R"(","platform":{"os":"linux","architecture":"amd64"}},{"digest":")" + digest_of(arm64) +
             R"(","platform":{"os":"linux","architecture":"arm64","variant":"v8"}}]})";
    server_.on("/v2/app/manifests/multi", {.body = index_, .content_type = kIndexType});
  }

  core::FetchedImage fetch(const std::string& reference, Platform platform = {}, RegistryAuth auth = {}) {
    return test::run(loop_, registry_.fetch(ImageReference::parse(reference), platform, auth));
  }

  core::FetchedImage fetch_app(const std::string& suffix, Platform platform = {}, RegistryAuth auth = {}) {
    return fetch(server_.host() + "/app" + suffix, platform, auth);
  }

  template <typename Work>
  std::string failure_of(Work work) {
    try {
      work();
    } catch (const Error& error) {
      kind_ = error.kind();
      return error.what();
    }
    return "no failure";
  }

  asio::io_context loop_;
  HttpImposter server_{loop_};
  http::Client client_{loop_.get_executor()};
  Registry registry_{client_};
  std::string index_;
  ErrorKind kind_ = ErrorKind::internal;
};

TEST_F(RegistryTest, FetchesAnImageByItsDefaultTag) {
  const std::string manifest = serve("app", "latest", "amd64");
  const auto image = fetch_app("");
  EXPECT_EQ(image.digest, digest_of(manifest));
  EXPECT_EQ(image.manifest_digest, digest_of(manifest));
  EXPECT_EQ(image.config_digest, digest_of(config_for("amd64")));
  EXPECT_EQ(image.size, 42);
  EXPECT_EQ(image.layers.size(), 2u);
  EXPECT_EQ(image.config.command, std::vector<std::string>{"sh"});
  EXPECT_THAT(server_.requests().at(0).header("accept"), HasSubstr("application/vnd.oci.image.index.v1+json"));
}

TEST_F(RegistryTest, ChoosesThePlatformFromAnIndexAndKeepsTheIndexDigest) {
  const std::string amd64 = serve("app", "one", "amd64");
  const std::string arm64 = serve("app", "two", "arm64");
  serve_index(amd64, arm64);
  const auto image = fetch_app(":multi", {"linux", "arm64", ""});
  EXPECT_EQ(image.digest, digest_of(index_));
  EXPECT_EQ(image.manifest_digest, digest_of(arm64));
  EXPECT_EQ(image.platform.architecture, "arm64");
  EXPECT_THAT(failure_of([&] {
                fetch_app(":multi", {"linux", "s390x", ""});
              }),
              StartsWith("no matching manifest for linux/s390x in the manifest list entries"));
  EXPECT_EQ(kind_, ErrorKind::not_found);
}

TEST_F(RegistryTest, WrongPlatformOfASingleImageNamesBoth) {
  serve("app", "latest", "amd64");
  EXPECT_EQ(failure_of([&] {
              fetch_app("", {"linux", "arm64", ""});
            }),
            "image with reference " + server_.host() +
                "/app:latest was found but does not match the specified platform: wanted linux/arm64, actual: "
                "linux/amd64");
  EXPECT_EQ(kind_, ErrorKind::not_found);
}

TEST_F(RegistryTest, ImportedImagesAreLookedForFirstWithoutCredentials) {
  const std::string config = config_for("amd64");
  const std::string manifest = manifest_for(config);
  const std::string imported = "/imported/" + server_.host() + "/v2/app/";
  server_.on(imported + "manifests/latest", {.body = manifest, .content_type = kManifestType});
  server_.on(imported + "blobs/" + digest_of(config), {.body = config});
  server_.on(imported + "manifests/other", {.status = 404});
  serve("app", "other", "arm64");
  Registry registry(client_, {}, server_.url() + "/imported");
  RegistryAuth auth;
  auth.registry_token = Secret("token");
  const auto look_up = [&](const std::string& name, Platform platform) {
    return test::run(loop_, registry.fetch(ImageReference::parse(server_.host() + name), std::move(platform), auth));
  };
  EXPECT_EQ(look_up("/app", {}).digest, digest_of(manifest));
  ASSERT_EQ(server_.requests().size(), 2u);
  for (const auto& request : server_.requests()) EXPECT_EQ(request.header("authorization"), "");
  EXPECT_EQ(look_up("/app:other", {"linux", "arm64", ""}).platform.architecture, "arm64");
  EXPECT_EQ(server_.requests().back().header("authorization"), "Bearer token");
  // One for another platform is there, so nobody else is asked.
  EXPECT_THAT(failure_of([&] {
                look_up("/app", {"linux", "arm64", ""});
              }),
              HasSubstr("does not match the specified platform"));
}

TEST_F(RegistryTest, ConfigurationIsFetchedOncePerDigest) {
  serve("app", "latest", "amd64");
  fetch_app("");
  fetch_app("");
  EXPECT_EQ(server_.requests().size(), 3u) << "two manifests, one configuration";
}

TEST_F(RegistryTest, DigestInTheReferenceIsCheckedAgainstTheAnswer) {
  const std::string manifest = serve("app", "latest", "amd64");
  EXPECT_EQ(fetch_app(":ignored@" + digest_of(manifest)).digest, digest_of(manifest));
  const std::string other = digest_of("other");
  server_.on("/v2/app/manifests/" + other, {.body = manifest, .content_type = kManifestType});
  EXPECT_THAT(failure_of([&] { fetch_app("@" + other); }), HasSubstr("does not have the digest"));
  EXPECT_EQ(kind_, ErrorKind::unavailable);
}

TEST_F(RegistryTest, DamagedConfigurationIsRefused) {
  serve("app", "latest", "amd64");
  server_.on("/v2/app/blobs/" + digest_of(config_for("amd64")), {.body = config_for("arm64")});
  EXPECT_THAT(failure_of([&] { fetch_app(""); }), HasSubstr("does not have the digest"));
}

TEST_F(RegistryTest, AnonymousTokenIsFetchedWhenAskedFor) {
  const std::string manifest = serve("app", "unused", "amd64");
  server_.answer({.status = 401,
                  .headers = {{"WWW-Authenticate", "Bearer realm=\"" + server_.url() +
                                                       "/token\",service=\"reg\",scope=\"repository:app:pull\""}}});
  server_.on("/token", {.body = R"({"token":"tok"})"});
  server_.answer({.body = manifest, .content_type = kManifestType});
  fetch_app("");
  ASSERT_EQ(server_.requests().size(), 4u);
  const auto& token = server_.requests().at(1);
  EXPECT_EQ(token.method, "GET");
  EXPECT_EQ(token.target.query("service"), "reg");
  EXPECT_EQ(token.target.query("scope"), "repository:app:pull");
  EXPECT_EQ(token.header("authorization"), "");
  EXPECT_EQ(server_.requests().at(2).header("authorization"), "Bearer tok");
  EXPECT_EQ(server_.requests().at(3).header("authorization"), "Bearer tok");
}

TEST_F(RegistryTest, TokenIsFetchedWithUserOrIdentityToken) {
  const HttpImposter::Answer challenge{
      .status = 401, .headers = {{"WWW-Authenticate", "Bearer realm=\"" + server_.url() + "/token\",service=\"reg\""}}};
  server_.on("/token", {.body = R"({"access_token":"tok"})"});
  server_.answer(challenge);
  failure_of([&] { fetch_app("", {}, {.username = "me", .password = Secret("pw")}); });
  EXPECT_EQ(server_.requests().at(1).header("authorization"), "Basic " + base64_encode("me:pw"));
  EXPECT_EQ(server_.requests().at(1).target.query("scope"), "repository:app:pull");
  server_.answer(challenge);
  failure_of([&] { fetch_app("", {}, {.identity_token = Secret("id&1")}); });
  const auto& refreshed = server_.requests().at(4);
  EXPECT_EQ(refreshed.method, "POST");
  EXPECT_THAT(refreshed.body, HasSubstr("grant_type=refresh_token"));
  EXPECT_THAT(refreshed.body, HasSubstr("refresh_token=id%261"));
}

TEST_F(RegistryTest, BasicAuthentication) {
  const std::string manifest = serve("app", "unused", "amd64");
  const HttpImposter::Answer challenge{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"x\""}}};
  server_.answer(challenge);
  server_.answer({.body = manifest, .content_type = kManifestType});
  fetch_app("", {}, {.username = "me", .password = Secret("pw")});
  EXPECT_EQ(server_.requests().at(1).header("authorization"), "Basic " + base64_encode("me:pw"));
  server_.answer(challenge);
  EXPECT_EQ(failure_of([&] { fetch_app(""); }), "Get \"" + server_.url() + "/v2/\": no basic auth credentials");
  EXPECT_EQ(kind_, ErrorKind::unauthorized);
}

TEST_F(RegistryTest, WrongPasswordIsUnauthorized) {
  const HttpImposter::Answer challenge{.status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"x\""}}};
  server_.answer(challenge);
  server_.answer(challenge);
  EXPECT_EQ(failure_of([&] { fetch_app("", {}, {.username = "me", .password = Secret("no")}); }),
            "unauthorized: authentication required");
  EXPECT_EQ(kind_, ErrorKind::unauthorized);
}

TEST_F(RegistryTest, RedirectsDoNotCarryTheAuthorization) {
  const std::string manifest = serve("app", "latest", "amd64");
  const std::string config = config_for("amd64");
  HttpImposter storage(loop_);
  storage.on("/bucket/blob", {.body = config});
  server_.on("/v2/app/blobs/" + digest_of(config),
             {.status = 307, .headers = {{"Location", storage.url() + "/bucket/blob?signature=1"}}});
  fetch_app("", {}, {.registry_token = Secret("t")});
  EXPECT_EQ(server_.requests().back().header("authorization"), "Bearer t");
  EXPECT_EQ(storage.requests().at(0).header("authorization"), "");
  EXPECT_EQ(storage.requests().at(0).target.query("signature"), "1");
}

TEST_F(RegistryTest, EndlessRedirectsEnd) {
  server_.on("/v2/app/manifests/latest", {.status = 302, .headers = {{"Location", "latest"}}});
  EXPECT_THAT(failure_of([&] { fetch_app(""); }), HasSubstr("stopped after 5 redirects"));
}

TEST_F(RegistryTest, MirrorTakesTheHostsPlaceWithoutItsCredentials) {
  serve("library/busybox", "latest", "amd64");
  Registry mirrored(client_, parse_mirrors("docker.io=" + server_.url() + "/"));
  const auto image =
      test::run(loop_, mirrored.fetch(ImageReference::parse("busybox"), {}, {.registry_token = Secret("t")}));
  EXPECT_EQ(image.size, 42);
  EXPECT_EQ(server_.requests().at(0).target.path(), "/v2/library/busybox/manifests/latest");
  EXPECT_EQ(server_.requests().at(0).header("authorization"), "");
}

TEST_F(RegistryTest, MissingTagHasDockersWords) {
  server_.answer({.status = 404, .body = R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]})"});
  Registry mirrored(client_, {{"docker.io", server_.url()}});
  EXPECT_EQ(failure_of([&] { test::run(loop_, mirrored.fetch(ImageReference::parse("x:y"), {}, {})); }),
            "manifest for x:y not found: manifest unknown: manifest unknown");
  EXPECT_EQ(kind_, ErrorKind::not_found);
}

// Docker Hub's answer for a repository that does not exist: a token that allows nothing.
TEST_F(RegistryTest, MissingRepositoryHasDockersWords) {
  const std::string challenge = "Bearer realm=\"" + server_.url() + "/token\",service=\"reg\"";
  server_.on("/token", {.body = R"({"token":"tok"})"});
  server_.answer({.status = 401, .headers = {{"WWW-Authenticate", challenge}}});
  server_.answer({.status = 401,
                  .body = R"({"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]})",
                  .headers = {{"WWW-Authenticate", challenge + ",error=\"insufficient_scope\""}}});
  Registry mirrored(client_, {{"docker.io", server_.url()}});
  EXPECT_EQ(failure_of([&] { test::run(loop_, mirrored.fetch(ImageReference::parse("nope"), {}, {})); }),
            "pull access denied for nope, repository does not exist or may require 'docker login': denied: requested "
            "access to the resource is denied");
  EXPECT_EQ(kind_, ErrorKind::not_found);
}

TEST_F(RegistryTest, UnreachableRegistryNamesTheCauseInDockersWords) {
  EXPECT_EQ(failure_of([&] { fetch("127.0.0.1:1/x"); }),
            "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused");
  EXPECT_EQ(kind_, ErrorKind::unavailable);
}

TEST_F(RegistryTest, OverloadedOrBrokenRegistryIsUnavailable) {
  server_.answer(
      {.status = 429,
       .body = R"({"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]})"});
  EXPECT_EQ(failure_of([&] { fetch_app(""); }), "toomanyrequests: You have reached your pull rate limit.");
  EXPECT_EQ(kind_, ErrorKind::unavailable);
  server_.answer({.status = 502, .body = "<html>"});
  EXPECT_EQ(failure_of([&] { fetch_app(""); }), "received unexpected HTTP status: 502");
  EXPECT_EQ(kind_, ErrorKind::unavailable);
}

TEST_F(RegistryTest, LostConnectionIsUnavailable) {
  server_.answer({.drop = true});
  EXPECT_THAT(failure_of([&] { fetch_app(""); }), StartsWith("Get \"" + server_.url() + "/v2/\": "));
  EXPECT_EQ(kind_, ErrorKind::unavailable);
}

TEST_F(RegistryTest, OtherArtifactsAreNotImages) {
  server_.answer(
      {.body =
           R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:x"}})"});
  EXPECT_THAT(failure_of([&] { fetch_app(""); }), HasSubstr("is not a container image"));
}

TEST(Mirrors, AreReadAsHostAndUrl) {
  const auto mirrors = parse_mirrors("docker.io=http://127.0.0.1:5000/,ghcr.io=https://m.example/prefix");
  EXPECT_EQ(mirrors.at("docker.io"), "http://127.0.0.1:5000");
  EXPECT_EQ(mirrors.at("ghcr.io"), "https://m.example/prefix");
  EXPECT_TRUE(parse_mirrors("").empty());
  EXPECT_TRUE(parse_mirrors("index.docker.io=http://m").contains("docker.io"));
  for (const char* bad : {"docker.io", "=http://x", "docker.io=127.0.0.1:5000"}) {
    EXPECT_THROW(parse_mirrors(bad), Error) << bad;
  }
}

}  // namespace
}  // namespace sockerless::registry
