#include <gtest/gtest.h>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::TestDaemon;

TEST(ImagePull, TellsItsProgressAndKeepsTheConfiguration) {
  TestDaemon daemon;
  core::FetchedImage image = daemon.source.images["busybox:latest"];
  image.config.entrypoint = {"/bin/hello"};
  daemon.source.images["hello:1"] = image;
  const auto reply = daemon.post("/images/create?fromImage=hello&tag=1");
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.text.find("{\"status\":\"Pulling from library/hello\",\"id\":\"1\"}\r\n"), std::string::npos);
  EXPECT_NE(reply.text.find("Status: Downloaded newer image for hello:1"), std::string::npos);
  EXPECT_EQ(daemon.get("/images/hello:1/json").at("Config.Entrypoint"), "[\"/bin/hello\"]");
}

TEST(ImagePull, AgainSaysThatItIsUpToDate) {
  TestDaemon daemon;
  EXPECT_NE(daemon.post("/images/create?fromImage=busybox&tag=latest")
                .text.find("Status: Image is up to date for busybox:latest"),
            std::string::npos);
}

TEST(ImagePull, OfAnUnknownImageFailsBeforeTheStream) {
  TestDaemon daemon;
  EXPECT_EQ(daemon.post("/images/create?fromImage=nosuch&tag=1").status, 404);
}

TEST(ImagePull, WithoutItsRegistryTheImageIsSyntheticAndSaysSo) {
  TestDaemon daemon;
  daemon.source.failure = Error(ErrorKind::unavailable, "no route to host");
  const auto reply = daemon.post("/images/create?fromImage=far&tag=1");
  EXPECT_NE(reply.text.find("WARNING: "), std::string::npos);
  EXPECT_EQ(daemon.post("/containers/create", R"({"Image":"far:1"})").status, 400);
  const auto created = daemon.post("/containers/create", R"({"Image":"far:1","Cmd":["x"]})");
  EXPECT_EQ(created.status, 201);
  EXPECT_NE(created.at("Warnings").find("configuration of image far:1 is not known"), std::string::npos);
}

TEST(Image, IsFoundByNameIdAndPrefix) {
  TestDaemon daemon;
  const std::string id = daemon.get("/images/busybox/json").at("Id");
  for (const std::string& reference :
       {std::string("busybox:latest"), std::string("docker.io/library/busybox"), id, id.substr(7), id.substr(7, 12)}) {
    EXPECT_EQ(daemon.get("/images/" + reference + "/json").at("Id"), id) << reference;
  }
  EXPECT_EQ(daemon.get("/images/nosuch/json").message(), "No such image: nosuch:latest");
}

TEST(ImageRemove, OfAUsedImageNeedsForce) {
  TestDaemon daemon;
  daemon.create("web");
  const auto refused = daemon.del("/images/busybox");
  EXPECT_EQ(refused.status, 409);
  EXPECT_TRUE(refused.message().starts_with("conflict: unable to delete busybox:latest (must be forced) - container "));
  EXPECT_EQ(daemon.del("/images/busybox?force=1").status, 200);
  EXPECT_EQ(daemon.get("/images/json").text, "[]\n");
}

TEST(ImageLoad, IsNotSupported) {
  TestDaemon daemon;
  EXPECT_EQ(daemon.post("/images/load").status, 501);
}

}  // namespace
}  // namespace sockerless
