#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::Reply;
using test::TestDaemon;

TEST(ContainerCreate, AnswersIdAndWarnings) {
  TestDaemon daemon;
  const auto reply = daemon.post("/containers/create?name=web", R"({"Image":"busybox"})");
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.at("Id").size(), 64u);
  EXPECT_EQ(reply.at("Warnings"), "[]");
  EXPECT_EQ(daemon.backend.registered.size(), 1u);
}

TEST(ContainerCreate, OfUnknownImageIsNotFound) {
  TestDaemon daemon;
  const auto reply = daemon.post("/containers/create", R"({"Image":"nosuch"})");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.message(), "No such image: nosuch:latest");
}

TEST(ContainerCreate, WithATakenNameIsConflict) {
  TestDaemon daemon;
  const std::string id = daemon.create("web");
  const auto reply = daemon.post("/containers/create?name=web", R"({"Image":"busybox"})");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.message(), "Conflict. The container name \"/web\" is already in use by container \"" + id +
                                 "\". You have to remove (or rename) that container to be able "
                                 "to reuse that name.");
}

TEST(ContainerCreate, RefusesBadBodies) {
  TestDaemon daemon;
  EXPECT_EQ(daemon.post("/containers/create", "{bad").status, 400);
  EXPECT_EQ(daemon.post("/containers/create", R"({"Image":7})").message(), "invalid JSON: Image: expected a string");
  EXPECT_EQ(daemon.post("/containers/create", "{}").message(), "config cannot be empty in order to create a container");
  EXPECT_EQ(daemon.post("/containers/create").status, 400);
}

TEST(ContainerCreate, ThatTheCloudRefusesLeavesNothingBehind) {
  TestDaemon daemon;
  daemon.backend.refuse_register = Error(ErrorKind::unavailable, "no way");
  EXPECT_EQ(daemon.post("/containers/create?name=web", R"({"Image":"busybox"})").status, 503);
  EXPECT_EQ(daemon.get("/containers/json?all=1").text, "[]\n");

  daemon.backend.refuse_register.reset();
  EXPECT_EQ(daemon.create("web").size(), 64u);
}

TEST(Container, IsFoundByNameIdAndPrefix) {
  TestDaemon daemon;
  const std::string id = daemon.create("web");
  for (const std::string& reference : {std::string("web"), id, id.substr(0, 12)}) {
    EXPECT_EQ(daemon.get("/containers/" + reference + "/json").at("Id"), id) << reference;
  }
  EXPECT_EQ(daemon.get("/containers/ghost/json").message(), "No such container: ghost");
}

TEST(ContainerList, SelectsByFilters) {
  TestDaemon daemon;
  const std::string web = daemon.create("web", R"(,"Labels":{"a":"b"})");
  daemon.clock.advance(std::chrono::seconds(1));
  const std::string db = daemon.create("db");
  daemon.start("db", db);
  const auto names = [&](const std::string& query) {
    std::string text;
    const auto reply = daemon.get("/containers/json?" + query);
    for (const auto& row : reply.body.get_array()) {
      text += row.at("Names").at(0).get_string().c_str();
    }
    return text;
  };
  EXPECT_EQ(names(""), "/db");
  EXPECT_EQ(names("all=1"), "/db/web");
  EXPECT_EQ(names("limit=1"), "/db");
  EXPECT_EQ(names("filters={\"status\":[\"created\"]}"), "/web");
  EXPECT_EQ(names("all=1&filters={\"label\":[\"a=b\"]}"), "/web");
  EXPECT_EQ(names("all=1&filters={\"name\":[\"^/?w\"]}"), "/web");
  EXPECT_EQ(names("all=1&filters={\"ancestor\":[\"busybox\"]}"), "/db/web");
  EXPECT_EQ(names("all=1&filters={\"ancestor\":[\"other\"]}"), "");
}

TEST(ContainerRename, MovesTheName) {
  TestDaemon daemon;
  const std::string id = daemon.create("web");
  EXPECT_EQ(daemon.post("/containers/web/rename?name=site").status, 204);
  EXPECT_EQ(daemon.get("/containers/site/json").at("Id"), id);
  EXPECT_EQ(daemon.get("/containers/web/json").status, 404);
  EXPECT_EQ(daemon.create("web").size(), 64u);
}

TEST(ContainerRemove, DeregistersAndForgets) {
  TestDaemon daemon;
  daemon.create("web");
  EXPECT_EQ(daemon.del("/containers/web").status, 204);
  daemon.settle();
  EXPECT_EQ(daemon.backend.deregistered, std::vector<std::string>{"definition-web"});
  EXPECT_EQ(daemon.get("/containers/web/json").status, 404);
  EXPECT_TRUE(daemon.store.load("containers").empty());
  EXPECT_TRUE(daemon.store.load("cleanup").empty());
}

TEST(ContainerRemove, OfARunningOneNeedsForce) {
  TestDaemon daemon;
  const std::string id = daemon.create("web");
  daemon.start("web", id);
  const auto refused = daemon.del("/containers/web");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.message(),
            "cannot remove container \"web\": container is running: stop the container before "
            "removing or force remove");
  EXPECT_EQ(daemon.del("/containers/web?force=1").status, 204);
  daemon.settle();
  EXPECT_EQ(daemon.backend.stopped, std::vector<std::string>{"task-web"});
}

TEST(ContainerPause, IsNotSupported) {
  TestDaemon daemon;
  daemon.create("web");
  EXPECT_EQ(daemon.post("/containers/web/pause").status, 501);
}

TEST(ContainerLogs, AreFramedAsStdout) {
  TestDaemon daemon;
  const std::string id = daemon.create("web");
  daemon.start("web", id);
  daemon.agents.exits(id, 0);
  daemon.settle();
  daemon.backend.log = {{Time(std::chrono::seconds(10)), "hello"}};
  const auto reply = daemon.get("/containers/web/logs?stdout=1&timestamps=1");
  using namespace std::string_literals;
  EXPECT_EQ(reply.text, "\1\0\0\0\0\0\0\x25"s + "1970-01-01T00:00:10.000000000Z hello\n");
  EXPECT_EQ(reply.content_type, "application/vnd.docker.multiplexed-stream");
  EXPECT_EQ(daemon.get("/v1.41/containers/web/logs?stdout=1").content_type, "application/vnd.docker.raw-stream");
}

TEST(ContainerLogs, OfTheLastLinesOnly) {
  TestDaemon daemon;
  const std::string id = daemon.create("web", R"(,"Tty":true)");
  daemon.start("web", id);
  daemon.agents.exits(id, 0);
  daemon.settle();
  for (const char* line : {"a", "b", "c"}) daemon.backend.log.push_back({Time(), line});
  EXPECT_EQ(daemon.get("/containers/web/logs?stdout=1&tail=2").text, "b\nc\n");
  EXPECT_EQ(daemon.get("/containers/web/logs?stdout=1&tail=0").text, "");
  EXPECT_EQ(daemon.get("/containers/web/logs?stdout=1&tail=all").text, "a\nb\nc\n");
}

TEST(ContainerLogs, ThatAreMissingAreNotWaitedForLongerWhenTheClockIsSetBack) {
  TestDaemon daemon;
  const std::string id = daemon.create("web");
  daemon.start("web", id);
  daemon.agents.exits(id, 0);
  daemon.settle();
  daemon.containers.entries().front()->record.launches.back().log_events = 2;
  daemon.backend.log = {{Time(), "one of two"}};
  daemon.clock.set_wall_clock(daemon.clock.now() - std::chrono::hours(24));
  auto reader = daemon.containers.logs("web", {});
  bool has_ended = false;
  asio::co_spawn(
      daemon.loop,
      [](core::LogReader& lines) -> Awaitable<void> {
        while (co_await lines.next()) {
        }
      }(*reader),
      [&](std::exception_ptr) { has_ended = true; });
  for (int second = 0; second < 20; ++second) {
    daemon.settle();
    daemon.clock.advance(std::chrono::seconds(1));
  }
  daemon.settle();
  EXPECT_TRUE(has_ended);
}

// What a reader gets in a minute and a half from a cloud that is away for `away` of it.
struct LogOutcome {
  std::vector<std::string> lines;
  std::string error;
};

LogOutcome read_while_the_cloud_is_away(Error refusal, std::chrono::seconds away) {
  TestDaemon daemon;
  const std::string id = daemon.create("web");
  daemon.start("web", id);
  daemon.agents.exits(id, 0);
  daemon.settle();
  daemon.backend.log = {{Time(), "kept"}};
  daemon.backend.refuse_logs = refusal;
  auto reader = daemon.containers.logs("web", {});
  LogOutcome outcome;
  asio::co_spawn(
      daemon.loop,
      [](core::LogReader& lines, LogOutcome& into) -> Awaitable<void> {
        try {
          while (auto line = co_await lines.next()) into.lines.push_back(line->message);
        } catch (const Error& error) {
          into.error = error.what();
        }
      }(*reader, outcome),
      asio::detached);
  for (std::chrono::seconds passed{0}; passed < std::chrono::seconds(90); ++passed) {
    if (passed == away) daemon.backend.refuse_logs.reset();
    daemon.settle();
    daemon.clock.advance(std::chrono::seconds(1));
  }
  daemon.settle();
  return outcome;
}

TEST(ContainerLogs, AreOnlyLateWhenTheCloudIsAwayForAMoment) {
  const LogOutcome outcome =
      read_while_the_cloud_is_away({ErrorKind::unavailable, "throttled"}, std::chrono::seconds(50));
  EXPECT_EQ(outcome.lines, std::vector<std::string>{"kept"});
  EXPECT_EQ(outcome.error, "");
}

TEST(ContainerLogs, OfACloudThatStaysAwayEndWithItsError) {
  const LogOutcome outcome =
      read_while_the_cloud_is_away({ErrorKind::unavailable, "throttled"}, std::chrono::seconds(80));
  EXPECT_TRUE(outcome.lines.empty());
  EXPECT_EQ(outcome.error, "throttled");
}

TEST(ContainerLogs, ThatMayNotBeReadAreNotAskedForAgain) {
  const LogOutcome outcome = read_while_the_cloud_is_away({ErrorKind::forbidden, "denied"}, std::chrono::seconds(1));
  EXPECT_EQ(outcome.error, "denied");
}

TEST(ContainerLogs, NeedAStream) {
  TestDaemon daemon;
  daemon.create("web");
  EXPECT_EQ(daemon.get("/containers/web/logs").status, 400);
}

TEST(Sizes, AreShownOnlyWhenTheyAreAskedFor) {
  TestDaemon daemon;
  daemon.create("web");
  EXPECT_EQ(daemon.get("/containers/web/json").at("SizeRootFs"), "(absent)");
  EXPECT_EQ(daemon.get("/containers/web/json?size=1").at("SizeRootFs"), "1000");
  EXPECT_EQ(daemon.get("/containers/web/json?size=1").at("SizeRw"), "0");
  EXPECT_FALSE(daemon.get("/containers/json?all=1").body.at(0).as_object().contains("SizeRootFs"));
  EXPECT_EQ(daemon.get("/containers/json?all=1&size=1").body.at(0).at("SizeRootFs").as_int64(), 1000);
}

TEST(Sizes, AreTheImagesAndThatOfTheFilesThatTheContainerHasChanged) {
  TestDaemon daemon;
  const std::string id = daemon.create("web");
  daemon.files_driver.sizes["web"] = 500;
  EXPECT_FALSE(daemon.get("/containers/json?all=1&size=1").body.at(0).as_object().contains("SizeRw"));
  daemon.start("web", id);
  EXPECT_EQ(daemon.get("/containers/web/json?size=1").at("SizeRw"), "500");
  EXPECT_EQ(daemon.get("/containers/web/json?size=1").at("SizeRootFs"), "1500");
  const Reply usage = daemon.get("/system/df");
  for (const json::Value& row : {daemon.get("/containers/json?size=1").body.at(0), usage.body.at("Containers").at(0)}) {
    EXPECT_EQ(row.at("SizeRw").as_int64(), 500);
    EXPECT_EQ(row.at("SizeRootFs").as_int64(), 1500);
  }
}

TEST(Sizes, OfContainersWhoseAgentsDoNotAnswerHoldUpNothing) {
  TestDaemon daemon;
  daemon.start("dumb", daemon.create("dumb"));
  daemon.clock.advance(std::chrono::seconds(1));
  daemon.start("web", daemon.create("web"));
  daemon.files_driver.sizes["web"] = 7;
  daemon.once([&daemon, waits = daemon.clock.pending()] { return daemon.clock.pending() > waits; },
              [&daemon] { daemon.clock.advance(std::chrono::seconds(3)); });
  const Reply reply = daemon.get("/containers/json?size=1");
  EXPECT_EQ(reply.body.at(0).at("SizeRw").as_int64(), 7);
  EXPECT_FALSE(reply.body.at(1).as_object().contains("SizeRw"));
}

}  // namespace
}  // namespace sockerless
