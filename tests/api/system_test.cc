#include <gtest/gtest.h>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::TestDaemon;

TEST(Ping, AnswersWithAndWithoutAVersion) {
  TestDaemon daemon;
  for (const char* path : {"/_ping", "/v1.24/_ping", "/v1.51/_ping"}) {
    const auto reply = daemon.get(path);
    EXPECT_EQ(reply.status, 200) << path;
    EXPECT_EQ(reply.text, "OK") << path;
  }
}

TEST(Version, SaysWhatClientsNegotiateBy) {
  TestDaemon daemon;
  const auto reply = daemon.get("/version");
  EXPECT_EQ(reply.at("ApiVersion"), "1.51");
  EXPECT_EQ(reply.at("MinAPIVersion"), "1.24");
  EXPECT_EQ(reply.at("Os"), "linux");
}

TEST(Info, IsThatOfFargate) {
  TestDaemon daemon;
  daemon.create("web");
  const auto reply = daemon.get("/info");
  EXPECT_EQ(reply.at("Driver"), "ecs-fargate");
  EXPECT_EQ(reply.at("OperatingSystem"), "AWS Fargate");
  EXPECT_EQ(reply.at("NCPU"), "2");
  EXPECT_EQ(reply.at("MemTotal"), "4294967296");
  EXPECT_EQ(reply.at("ContainersStopped"), "1");
}

TEST(Info, CountsThoseWhoListenToEvents) {
  TestDaemon daemon;
  EXPECT_EQ(daemon.get("/info").at("NEventsListener"), "0");
  const auto listening = daemon.events.subscribe([](const core::DockerEvent&) {});
  EXPECT_EQ(daemon.get("/info").at("NEventsListener"), "1");
}

TEST(Api, UnknownPathIsNotFoundInDockersWords) {
  TestDaemon daemon;
  const auto reply = daemon.get("/v1.51/nonsense");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.message(), "page not found");
}

TEST(Api, VersionsOutsideTheWindowAreRefused) {
  TestDaemon daemon;
  EXPECT_EQ(daemon.get("/v1.52/info").message(),
            "client version 1.52 is too new. Maximum supported API version is 1.51");
  EXPECT_EQ(daemon.get("/v1.23/info").status, 400);
}

}  // namespace
}  // namespace sockerless
