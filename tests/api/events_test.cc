#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/target.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::TestDaemon;

class EventFilters : public testing::Test {
 protected:
  EventFilters() {
    daemon_.create("web", R"(,"HostConfig":{"Binds":["data:/data"]})");
    daemon_.post("/images/busybox/tag?repo=other&tag=v1");
    daemon_.events.publish(daemon_.record("web"), "exec_create: sh -c true");
  }

  // The actions of what has happened so far, as the filters select it.
  std::vector<std::string> actions(const std::string& filters) {
    const auto reply = daemon_.get("/events?since=1&until=1767225600&filters=" + http::percent_encode(filters));
    EXPECT_EQ(reply.status, 200) << reply.text;
    std::vector<std::string> found;
    std::istringstream lines(reply.text);
    for (std::string line; std::getline(lines, line);) {
      found.emplace_back(json::parse_value(line).at("Action").as_string().c_str());
    }
    return found;
  }

  TestDaemon daemon_;
};

TEST_F(EventFilters, TakeObjectsByNameAndByTheBeginningOfTheirId) {
  EXPECT_THAT(actions(R"({"container":["web"]})"), testing::ElementsAre("create", "exec_create: sh -c true"));
  const std::string prefix = daemon_.record("web").id.substr(0, 12);
  EXPECT_EQ(actions("{\"container\":[\"" + prefix + "\"]}").size(), 2u);
  EXPECT_THAT(actions(R"({"volume":["data"]})"), testing::ElementsAre("create"));
  EXPECT_TRUE(actions(R"({"network":["bridge"]})").empty());
}

TEST_F(EventFilters, TakeImagesWithAndWithoutTheirTag) {
  EXPECT_THAT(actions(R"({"image":["other"],"type":["image"]})"), testing::ElementsAre("tag"));
  EXPECT_THAT(actions(R"({"image":["other:v1"]})"), testing::ElementsAre("tag"));
}

TEST_F(EventFilters, TakeActionsWithoutWhatStandsBehindThem) {
  EXPECT_THAT(actions(R"({"event":["exec_create"]})"), testing::ElementsAre("exec_create: sh -c true"));
}

TEST_F(EventFilters, TakeTheScopeThatThereIs) {
  EXPECT_TRUE(actions(R"({"scope":["swarm"]})").empty());
  EXPECT_FALSE(actions(R"({"scope":["local"]})").empty());
}

TEST_F(EventFilters, RefuseATimeThatEndsBeforeItBegins) {
  const auto reply = daemon_.get("/events?since=5&until=1");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(), "`since` time (5) cannot be after `until` time (1)");
}

}  // namespace
}  // namespace sockerless
