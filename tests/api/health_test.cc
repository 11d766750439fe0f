#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using namespace std::chrono_literals;
using test::TestDaemon;

class HealthChecks : public testing::Test {
 protected:
  void make(const std::string& more = "") {
    id_ = daemon_.create(
        "web", R"(,"Healthcheck":{"Test":["CMD-SHELL","check"],"Interval":1000000000,"Retries":2)" + more + "}");
    daemon_.start("web", id_);
  }
  std::string at(const std::string& path) { return daemon_.get("/containers/web/json").at("State.Health." + path); }
  void passes(Clock::Duration time) {
    daemon_.clock.advance(time);
    daemon_.settle();
  }
  std::vector<std::string> events() {
    std::vector<std::string> actions;
    for (const auto& event : daemon_.events.recent()) {
      if (event.action.starts_with("health_status")) actions.push_back(event.action);
    }
    return actions;
  }
  std::string status_line() {
    return daemon_.get("/containers/json?all=1").body.at(0).at("Status").as_string().c_str();
  }

  TestDaemon daemon_;
  std::string id_;
};

TEST_F(HealthChecks, BeginAsStartingAndBecomeHealthy) {
  make();
  EXPECT_EQ(at("Status"), "starting");
  EXPECT_THAT(status_line(), testing::HasSubstr("(health: starting)"));
  daemon_.exec_driver.output = {{1, "fine"}};
  passes(1s);
  EXPECT_EQ(at("Status"), "healthy");
  EXPECT_THAT(status_line(), testing::HasSubstr("(healthy)"));
  EXPECT_EQ(daemon_.record("web").state.health->log.front().output, "fine");
  EXPECT_THAT(daemon_.exec_driver.commands.front().arguments, testing::ElementsAre("/bin/sh", "-c", "check"));
  EXPECT_THAT(events(), testing::ElementsAre("health_status: healthy"));
}

TEST_F(HealthChecks, AreUnhealthyAfterTheirRetries) {
  make();
  daemon_.exec_driver.exit_code = 1;
  passes(1s);
  EXPECT_EQ(at("Status"), "starting");
  EXPECT_EQ(at("FailingStreak"), "1");
  passes(1s);
  EXPECT_EQ(at("Status"), "unhealthy");
  daemon_.exec_driver.exit_code = 0;
  passes(1s);
  EXPECT_EQ(at("Status"), "healthy");
  EXPECT_THAT(events(), testing::ElementsAre("health_status: unhealthy", "health_status: healthy"));
}

TEST_F(HealthChecks, CountFromTheEndOfTheStartPeriodOnHoweverTheWallClockIsSet) {
  make(R"(,"StartPeriod":5000000000,"StartInterval":1000000000)");
  daemon_.exec_driver.exit_code = 1;
  daemon_.clock.set_wall_clock(daemon_.clock.now() + 1h);
  passes(1s);
  passes(1s);
  EXPECT_EQ(at("FailingStreak"), "0");
  daemon_.clock.set_wall_clock(daemon_.clock.now() - 2h);
  for (int i = 0; i < 3; ++i) passes(1s);
  EXPECT_EQ(at("FailingStreak"), "1");
}

TEST_F(HealthChecks, ThatTakeTooLongFail) {
  make(R"(,"Timeout":2000000000)");
  daemon_.exec_driver.may_end.reset();
  passes(1s);
  passes(2s);
  const auto health = *daemon_.record("web").state.health;
  ASSERT_EQ(health.log.size(), 1u);
  EXPECT_EQ(health.log.front().exit_code, -1);
  EXPECT_EQ(health.log.front().output, "Health check exceeded timeout (2s)");
  daemon_.exec_driver.may_end.set();
  daemon_.settle();
}

TEST_F(HealthChecks, ThatCannotRunFail) {
  make();
  daemon_.exec_driver.refusal =
      Error(ErrorKind::invalid_argument, "exec: \"check\": executable file not found in $PATH");
  passes(1s);
  EXPECT_EQ(daemon_.record("web").state.health->log.front().exit_code, -1);
}

TEST_F(HealthChecks, EndWithTheirContainer) {
  make();
  passes(1s);
  daemon_.agents.exits(id_, 0);
  daemon_.settle();
  const auto probes = daemon_.exec_driver.commands.size();
  passes(10s);
  EXPECT_EQ(daemon_.exec_driver.commands.size(), probes);
  EXPECT_EQ(at("Status"), "unhealthy");
}

TEST_F(HealthChecks, AreAFilterOfLists) {
  make();
  daemon_.create("other");
  const auto count = [&](const char* health) {
    return daemon_.get(std::string(R"(/containers/json?all=1&filters={"health":[")") + health + "\"]}")
        .body.as_array()
        .size();
  };
  EXPECT_EQ(count("starting"), 1u);
  EXPECT_EQ(count("none"), 1u);
  EXPECT_EQ(count("healthy"), 0u);
}

TEST_F(HealthChecks, GoOnAfterARestartOfTheDaemon) {
  make();
  core::HealthMonitor next(daemon_.loop.get_executor(), daemon_.services, daemon_.lifecycle, daemon_.execs);
  daemon_.health.container_removed(daemon_.record("web"));
  next.recover();
  daemon_.settle();
  passes(1s);
  EXPECT_EQ(at("Status"), "healthy");
  test::run(daemon_.loop, next.shut_down());
}

}  // namespace
}  // namespace sockerless
