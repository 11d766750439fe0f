#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_daemon.h"

namespace sockerless::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// A container whose task runs while its agent has not come in time, and one whose agent has.
class Synthetic : public testing::Test {
 protected:
  Synthetic() {
    daemon_.post_while("/containers/mute/start", [this] {
      daemon_.backend.task_runs(mute_);
      daemon_.clock.advance(61s);
    });
    daemon_.settle();
    daemon_.start("web", web_);
  }

  std::string create_exec(const std::string& name) {
    return daemon_
        .post("/containers/" + name + "/exec", R"({"AttachStdout":true,"User":"app","Cmd":["cat","/etc/hosts"]})")
        .at("Id");
  }

  TestDaemon daemon_;
  std::string mute_ = daemon_.create("mute", R"(,"Cmd":["sleep","600"])");
  std::string web_ = daemon_.create("web");
};

TEST_F(Synthetic, ExecGivesNothingAndSucceeds) {
  const std::string exec = create_exec("mute");
  const auto reply = daemon_.post("/exec/" + exec + "/start", R"({"Detach":false})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.text, "");
  EXPECT_EQ(daemon_.get("/exec/" + exec + "/json").at("ExitCode"), "0");
  EXPECT_TRUE(daemon_.exec_driver.commands.empty());
}

TEST_F(Synthetic, TopShowsPathAndArguments) {
  const auto reply = daemon_.get("/containers/mute/top");
  EXPECT_EQ(reply.at("Titles"), R"(["UID","PID","PPID","C","STIME","TTY","TIME","CMD"])");
  EXPECT_EQ(reply.at("Processes"), R"([["?","1","?","?","?","?","?","sleep 600"]])");
  EXPECT_EQ(daemon_.get("/containers/mute/top?ps_args=-Q").status, 400);
}

TEST_F(Synthetic, StatisticsAreZerosAndMarked) {
  const auto reply = daemon_.get("/containers/mute/stats?stream=0&one-shot=1");
  EXPECT_EQ(reply.at("sockerless_synthetic"), "true");
  EXPECT_EQ(reply.at("cpu_stats.cpu_usage.total_usage"), "0");
  EXPECT_EQ(reply.at("memory_stats"), "{}");
}

TEST_F(Synthetic, InspectShowsTheMark) {
  EXPECT_EQ(daemon_.get("/containers/mute/json").at("SockerlessAgent"), "absent");
  EXPECT_EQ(daemon_.get("/containers/web/json").at("SockerlessAgent"), "(absent)");
}

TEST_F(Synthetic, IsNoAnswerOfAContainerWhoseAgentIsAway) {
  const Error away(ErrorKind::unavailable, "the agent of the container is away");
  daemon_.exec_driver.refusal = away;
  daemon_.statistics_driver.failure = away;
  const std::string exec = create_exec("web");
  const auto reply = daemon_.post("/exec/" + exec + "/start", R"({"Detach":true})");
  EXPECT_GE(reply.status, 400);
  EXPECT_THAT(reply.message(), HasSubstr("is away"));
  EXPECT_NE(daemon_.get("/exec/" + exec + "/json").at("ExitCode"), "0");
  EXPECT_THAT(daemon_.get("/containers/web/top").message(), HasSubstr("is away"));
  EXPECT_THAT(daemon_.get("/containers/web/stats?stream=0").message(), HasSubstr("is away"));
}

}  // namespace
}  // namespace sockerless::test
