#include "core/helper_autostop.h"

#include <gtest/gtest.h>

namespace sockerless::core {
namespace {

bool waits(std::string path, std::vector<std::string> arguments) {
  Container container;
  container.path = std::move(path);
  container.args = std::move(arguments);
  return waits_for_execs(container);
}

TEST(WaitsForExecs, IsATailOfNothingAlone) {
  EXPECT_TRUE(waits("tail", {"-f", "/dev/null"}));
  EXPECT_TRUE(waits("/usr/bin/tail", {"-f", "/dev/null"}));
  EXPECT_TRUE(waits("sh", {"-c", "mkdir -p /work; exec tail -f /dev/null"}));
}

TEST(WaitsForExecs, IsNothingElse) {
  EXPECT_FALSE(waits("tail", {"-f", "/var/log/messages"}));
  EXPECT_FALSE(waits("sleep", {"infinity"}));
  EXPECT_FALSE(waits("sh", {}));
}

}  // namespace
}  // namespace sockerless::core
