#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_daemon.h"

namespace sockerless::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class StatisticsApi : public testing::Test {
 protected:
  StatisticsApi() { daemon_.start("web", id_); }

  TestDaemon daemon_;
  std::string id_ = daemon_.create("web");
};

TEST_F(StatisticsApi, TopShowsTitlesAndProcesses) {
  daemon_.statistics_driver.processes = {{"PID", "CMD"}, {{"7", "sleep 600"}}};
  const auto reply = daemon_.get("/containers/web/top?ps_args=-o+pid,cmd");
  EXPECT_EQ(reply.text, R"({"Processes":[["7","sleep 600"]],"Titles":["PID","CMD"]})"
                        "\n");
  EXPECT_EQ(daemon_.statistics_driver.asked, std::vector<std::string>{"-o pid,cmd"});
}

TEST_F(StatisticsApi, TopNeedsARunningContainer) {
  daemon_.create("idle");
  const auto reply = daemon_.get("/containers/idle/top");
  EXPECT_EQ(reply.status, 409);
  EXPECT_THAT(reply.message(), HasSubstr("is not running"));
  EXPECT_EQ(daemon_.get("/containers/ghost/top").status, 404);
}

TEST_F(StatisticsApi, OneShotIsOneLook) {
  daemon_.statistics_driver.next_sample.cpu_total = 5;
  const auto reply = daemon_.get("/containers/web/stats?stream=0&one-shot=1");
  EXPECT_EQ(reply.at("cpu_stats.cpu_usage.total_usage"), "5");
  EXPECT_EQ(reply.at("precpu_stats.cpu_usage.total_usage"), "0");
  EXPECT_EQ(reply.at("preread"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(daemon_.statistics_driver.samples_taken, 1);
}

TEST_F(StatisticsApi, WithoutStreamTheCpuOfASecondAgoIsThereToo) {
  daemon_.statistics_driver.next_sample.cpu_total = 5;
  daemon_.statistics_driver.on_sample = [this] { asio::post(daemon_.loop, [this] { daemon_.clock.advance(1s); }); };
  const auto reply = daemon_.get("/containers/web/stats?stream=0");
  EXPECT_EQ(reply.at("precpu_stats.cpu_usage.total_usage"), "5");
  EXPECT_EQ(daemon_.statistics_driver.samples_taken, 2);
}

TEST_F(StatisticsApi, OfAStoppedContainerAreZeros) {
  const std::string id = daemon_.create("idle");
  const auto reply = daemon_.get("/containers/idle/stats?stream=0");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.at("id"), id);
  EXPECT_EQ(reply.at("name"), "/idle");
  EXPECT_EQ(reply.at("read"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(reply.at("memory_stats"), "{}");
  EXPECT_EQ(reply.at("sockerless_synthetic"), "(absent)");
}

TEST_F(StatisticsApi, StreamAndOneShotExcludeEachOther) {
  const auto reply = daemon_.get("/containers/web/stats?stream=1&one-shot=1");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(), "cannot have stream=true and one-shot=true");
  EXPECT_EQ(daemon_.get("/containers/ghost/stats?stream=0").status, 404);
}

TEST_F(StatisticsApi, HaveTheShapeOfTheControlGroupsVersion) {
  core::ResourceSample& sample = daemon_.statistics_driver.next_sample;
  sample.block_bytes = {{8, 0, "read", 1024}};
  sample.cgroup_v2 = true;
  auto reply = daemon_.get("/containers/web/stats?stream=0&one-shot=1");
  EXPECT_EQ(reply.at("blkio_stats.io_service_bytes_recursive"), R"([{"major":8,"minor":0,"op":"read","value":1024}])");
  EXPECT_EQ(reply.at("blkio_stats.io_serviced_recursive"), "null");
  EXPECT_EQ(reply.at("cpu_stats.cpu_usage.percpu_usage"), "(absent)");
  sample.cgroup_v2 = false;
  sample.cpu_each = {3, 4};
  sample.networks["eth0"].rx_bytes = 9;
  reply = daemon_.get("/containers/web/stats?stream=0&one-shot=1");
  EXPECT_EQ(reply.at("blkio_stats.io_serviced_recursive"), "[]");
  EXPECT_EQ(reply.at("cpu_stats.cpu_usage.percpu_usage"), "[3,4]");
  EXPECT_EQ(reply.at("networks.eth0.rx_bytes"), "9");
}

TEST_F(StatisticsApi, OfALostAgentAreAnErrorAndNoZeros) {
  daemon_.statistics_driver.failure = Error(ErrorKind::unavailable, "the agent is away");
  EXPECT_EQ(daemon_.get("/containers/web/stats?stream=0").message(), "the agent is away");
  EXPECT_EQ(daemon_.get("/containers/web/top").message(), "the agent is away");
}

}  // namespace
}  // namespace sockerless::test
