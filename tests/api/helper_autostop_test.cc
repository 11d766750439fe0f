#include "core/helper_autostop.h"

#include <gtest/gtest.h>

#include "tests/support/run.h"
#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using namespace std::chrono_literals;
using test::TestDaemon;

// As with SOCKERLESS_HELPER_AUTOSTOP=true.
class Helpers : public testing::Test {
 protected:
  Helpers() { daemon_.lifecycle.observe(helpers_); }
  ~Helpers() override { test::run(daemon_.loop, helpers_.shut_down()); }

  void start(const std::string& command) {
    id_ = daemon_.create("helper", R"(,"Cmd":)" + command);
    daemon_.start("helper", id_);
  }
  void passes(Clock::Duration time) {
    daemon_.clock.advance(time);
    daemon_.settle();
  }
  std::string state(const std::string& field) { return daemon_.get("/containers/helper/json").at("State." + field); }

  TestDaemon daemon_;
  core::HelperAutostop helpers_{daemon_.loop.get_executor(), daemon_.clock, daemon_.lifecycle};
  std::string id_;
};

TEST_F(Helpers, AreStoppedHalfASecondBehindTheirStart) {
  start(R"(["sleep","60"])");
  passes(499ms);
  EXPECT_EQ(daemon_.backend.stopped.size(), 0u);
  passes(1ms);
  ASSERT_EQ(daemon_.backend.stopped.size(), 1u);
  daemon_.agents.exits(id_, 143);
  daemon_.settle();
  EXPECT_EQ(state("Status"), "exited");
  EXPECT_EQ(state("ExitCode"), "0");
}

TEST_F(Helpers, ThatHaveEndedKeepTheirExitCode) {
  start(R"(["sh","-c","exit 3"])");
  daemon_.agents.exits(id_, 3);
  passes(1s);
  EXPECT_EQ(daemon_.backend.stopped.size(), 0u);
  EXPECT_EQ(state("ExitCode"), "3");
}

TEST_F(Helpers, ThatWaitForExecsRunOn) {
  start(R"(["tail","-f","/dev/null"])");
  passes(1h);
  EXPECT_EQ(state("Status"), "running");
}

}  // namespace
}  // namespace sockerless
