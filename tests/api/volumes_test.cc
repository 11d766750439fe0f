#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::TestDaemon;

class VolumeRoutes : public testing::Test {
 protected:
  std::vector<std::string> names(const std::string& query = "") {
    std::vector<std::string> result;
    const auto reply = daemon_.get("/volumes" + query);
    for (const auto& row : reply.body.at("Volumes").as_array()) {
      result.emplace_back(row.at("Name").as_string().c_str());
    }
    return result;
  }

  TestDaemon daemon_;
};

TEST_F(VolumeRoutes, AreCreatedOnceAndShown) {
  const auto reply = daemon_.post("/volumes/create", R"({"Name":"v1","Labels":{"a":"b"}})");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.at("Name"), "v1");
  EXPECT_EQ(reply.at("Driver"), "local");
  EXPECT_EQ(reply.at("CreatedAt"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(daemon_.post("/volumes/create", R"({"Name":"v1"})").at("Labels.a"), "b");
  EXPECT_EQ(daemon_.get("/volumes/v1").at("Mountpoint"), "/var/lib/docker/volumes/v1/_data");
  EXPECT_EQ(daemon_.get("/volumes/none").message(), "get none: no such volume");
}

TEST_F(VolumeRoutes, RefuseWhatDockerRefuses) {
  EXPECT_EQ(daemon_.post("/volumes/create", R"({"Name":"b@d"})").status, 400);
  const auto driver = daemon_.post("/volumes/create", R"({"Name":"ev","Driver":"nosuch"})");
  EXPECT_EQ(driver.status, 404);
  EXPECT_EQ(driver.message(), "create ev: error looking up volume plugin nosuch: plugin \"nosuch\" not found");
}

TEST_F(VolumeRoutes, InUseAreNotRemoved) {
  const std::string id = daemon_.create("web", R"(,"HostConfig":{"Binds":["data:/data"]})");
  const auto reply = daemon_.del("/volumes/data");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.message(), "remove data: volume is in use - [" + id + "]");
  EXPECT_EQ(daemon_.del("/containers/web").status, 204);
  EXPECT_EQ(daemon_.del("/volumes/data").status, 204);
  EXPECT_EQ(daemon_.del("/volumes/data").status, 404);
  EXPECT_EQ(daemon_.del("/volumes/data?force=1").status, 204);
}

TEST_F(VolumeRoutes, DanglingAreThoseThatNobodyMounts) {
  daemon_.create("web", R"(,"HostConfig":{"Binds":["used:/data"]})");
  daemon_.post("/volumes/create", R"({"Name":"free"})");
  EXPECT_THAT(names(), testing::ElementsAre("free", "used"));
  EXPECT_THAT(names(R"(?filters={"dangling":["true"]})"), testing::ElementsAre("free"));
  EXPECT_THAT(names(R"(?filters={"dangling":["0"]})"), testing::ElementsAre("used"));
  EXPECT_EQ(daemon_.get(R"(/volumes?filters={"dangling":["perhaps"]})").status, 400);
}

TEST_F(VolumeRoutes, PruneTakesAnonymousOnesUnlessAllAreWanted) {
  daemon_.post("/volumes/create", R"({"Name":"named"})");
  daemon_.post("/volumes/create", "{}");
  EXPECT_EQ(daemon_.post("/volumes/prune").body.at("VolumesDeleted").as_array().size(), 1u);
  EXPECT_THAT(names(), testing::ElementsAre("named"));
  daemon_.post(R"(/volumes/prune?filters={"all":["1"]})");
  EXPECT_TRUE(names().empty());
}

TEST_F(VolumeRoutes, AnonymousOnesGoWithTheirContainer) {
  daemon_.create("web", R"(,"Volumes":{"/data":{}})");
  EXPECT_EQ(names().size(), 1u);
  daemon_.del("/containers/web");
  EXPECT_EQ(names().size(), 1u);
  daemon_.create("web", R"(,"Volumes":{"/data":{}})");
  daemon_.del("/containers/web?v=1");
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(VolumeRoutes, AnAutoRemovedContainerTakesItsAnonymousOnesAlong) {
  const std::string id = daemon_.create("once", R"(,"Volumes":{"/data":{}},"HostConfig":{"AutoRemove":true})");
  daemon_.start("once", id);
  daemon_.agents.exits(id, 0);
  daemon_.settle();
  EXPECT_TRUE(names().empty());
}

TEST_F(VolumeRoutes, ASecondContainerOfAVolumeIsWarnedAbout) {
  daemon_.create("web", R"(,"HostConfig":{"Binds":["data:/data"]})");
  const auto reply = daemon_.post("/containers/create?name=other",
                                  R"({"Image":"busybox","Cmd":["x"],"HostConfig":{"Binds":["data:/d"]}})");
  EXPECT_THAT(boost::json::serialize(reply.body.at("Warnings")), testing::HasSubstr("does not share volume data"));
}

TEST_F(VolumeRoutes, ABindOfDockersSocketIsRefusedWithTheRemedy) {
  const auto reply = daemon_.post(
      "/containers/create", R"({"Image":"busybox","Cmd":["x"],"HostConfig":{"Binds":["/var/run/docker.sock:/s"]}})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.message(), testing::HasSubstr("over TCP"));
}

TEST_F(VolumeRoutes, AreShownAmongTheMounts) {
  daemon_.create("web", R"(,"HostConfig":{"Binds":["data:/data:ro"]})");
  const auto mount = daemon_.get("/containers/web/json").body.at("Mounts").at(0);
  EXPECT_EQ(mount.at("Type").as_string(), "volume");
  EXPECT_EQ(mount.at("Name").as_string(), "data");
  EXPECT_EQ(mount.at("Mode").as_string(), "ro");
  EXPECT_FALSE(mount.at("RW").as_bool());
}

}  // namespace
}  // namespace sockerless
