#include "cloud/runner/oci_config.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace sockerless::cloud {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::SizeIs;

OciContainer some_container() {
  OciContainer container;
  container.arguments = {"/bin/sh", "-c", "echo \"<&>\""};
  container.environment = {"A=b"};
  container.working_directory = "/";
  container.limits = {{"nofile", 10, 20}};
  container.cgroup = "/sockerless/x/id";
  return container;
}

TEST(OciConfig, HasProcessLimitsAndResources) {
  OciContainer container = some_container();
  container.user = {.uid = 5, .gid = 6, .additional_gids = {7}, .home = "/"};
  container.cpu_units = 256;
  container.memory_bytes = 512 << 20;
  container.limits_swap = true;
  const json::Value document = json::parse_value(oci_config(container));
  const auto& process = document.at("process");
  EXPECT_EQ(process.at("args").at(2).as_string(), "echo \"<&>\"");
  EXPECT_EQ(process.at("user").at("uid").as_int64(), 5);
  EXPECT_EQ(process.at("user").at("additionalGids").at(0).as_int64(), 7);
  EXPECT_EQ(process.at("rlimits").at(0).at("type").as_string(), "RLIMIT_NOFILE");
  const auto& resources = document.at("linux").at("resources");
  EXPECT_EQ(resources.at("cpu").at("quota").as_int64(), 25'000);
  EXPECT_EQ(resources.at("memory").at("limit").as_int64(), 512 << 20);
  EXPECT_EQ(resources.at("memory").at("swap").as_int64(), 512 << 20);
  EXPECT_FALSE(resources.at("devices").at(0).at("allow").as_bool());
}

TEST(OciConfig, AMountReplacesTheSystemsOwn) {
  OciContainer container = some_container();
  const auto count = json::parse_value(oci_config(container)).at("mounts").as_array().size();
  container.mounts = {{"/somewhere", "/dev/shm", true}};
  const auto document = json::parse_value(oci_config(container));
  const auto& mounts = document.at("mounts").as_array();
  EXPECT_THAT(mounts, SizeIs(count));
  EXPECT_EQ(mounts.back().at("type").as_string(), "bind");
  EXPECT_EQ(mounts.back().at("options").at(2).as_string(), "ro");
}

TEST(Capabilities, AreDockersChanged) {
  EXPECT_THAT(effective_capabilities({}, {}), SizeIs(14));
  EXPECT_THAT(effective_capabilities({"KILL"}, {"sys_ptrace"}), Contains("CAP_SYS_PTRACE"));
  EXPECT_THAT(effective_capabilities({"KILL"}, {}), Not(Contains("CAP_KILL")));
  EXPECT_THAT(effective_capabilities({"ALL"}, {"CAP_CHOWN"}), ElementsAre("CAP_CHOWN"));
  EXPECT_THROW(effective_capabilities({"NONSENSE"}, {}), Error);
}

}  // namespace
}  // namespace sockerless::cloud
