#include "core/mounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::test {
namespace {

using core::ContainerConfig;
using core::HostConfig;
using core::PlannedMount;

std::vector<PlannedMount> plan(const HostConfig& host_config, const ContainerConfig& config = {}) {
  return core::plan_mounts(config, host_config, [](const std::string& reference) -> core::Container {
    if (reference != "other") throw Error(ErrorKind::not_found, "No such container: " + reference);
    core::Container container;
    container.mounts = {{.type = "volume", .name = "theirs", .destination = "/data", .driver = "local"}};
    return container;
  });
}

std::string refusal(const HostConfig& host_config) {
  try {
    plan(host_config);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Mounts, ANamedVolumeIsWritableAndSaysZ) {
  HostConfig host_config;
  host_config.binds = {"sv:/data/"};
  const auto mounts = plan(host_config);
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_EQ(mounts[0].point.type, "volume");
  EXPECT_EQ(mounts[0].point.name, "sv");
  EXPECT_EQ(mounts[0].point.destination, "/data");
  EXPECT_EQ(mounts[0].point.mode, "z");
  EXPECT_TRUE(mounts[0].point.read_write);
  EXPECT_FALSE(mounts[0].point.anonymous);
}

TEST(Mounts, ABindKeepsItsModeAndPropagation) {
  HostConfig host_config;
  host_config.binds = {"/src:/dst:ro,rslave"};
  const auto mounts = plan(host_config);
  EXPECT_EQ(mounts[0].point.type, "bind");
  EXPECT_EQ(mounts[0].point.mode, "ro,rslave");
  EXPECT_FALSE(mounts[0].point.read_write);
  EXPECT_EQ(mounts[0].point.propagation, "rslave");
}

TEST(Mounts, RefusesWhatIsMalformedInDockersWords) {
  const auto bind = [](const std::string& text) {
    HostConfig host_config;
    host_config.binds = {text};
    return refusal(host_config);
  };
  EXPECT_EQ(bind("a:b:c:d"), "invalid volume specification: 'a:b:c:d'");
  EXPECT_EQ(bind("/x:ro"), "invalid volume specification: '/x:ro'");
  EXPECT_EQ(bind("/x:/y:nonsense"), "invalid mode: nonsense");
  EXPECT_EQ(bind("v:relative"),
            "invalid volume specification: 'v:relative': invalid mount config for type \"volume\": invalid mount "
            "path: 'relative' mount path must be absolute");
  EXPECT_EQ(bind("/x:/"),
            "invalid volume specification: '/x:/': invalid mount config for type \"bind\": invalid specification: "
            "destination can't be '/'");
}

TEST(Mounts, RefusesTwoForOnePlace) {
  HostConfig host_config;
  host_config.binds = {"a:/data", "b:/data/"};
  EXPECT_EQ(refusal(host_config), "Duplicate mount point: /data");
}

TEST(Mounts, ChecksMountRequests) {
  const auto mount = [](core::MountRequest request) {
    HostConfig host_config;
    host_config.mounts = {std::move(request)};
    return refusal(host_config);
  };
  EXPECT_EQ(mount({.type = "bogus", .target = "/x"}), "invalid mount config for type \"bogus\": mount type unknown");
  EXPECT_EQ(mount({.type = "volume"}), "invalid mount config for type \"volume\": field Target must not be empty");
  EXPECT_EQ(mount({.type = "bind", .source = "/no/such/folder", .target = "/x"}),
            "invalid mount config for type \"bind\": bind source path does not exist: /no/such/folder");
  EXPECT_EQ(mount({.type = "tmpfs", .source = "x", .target = "/x"}),
            "invalid mount config for type \"tmpfs\": field Source must not be specified");
}

TEST(Mounts, VolumesOfTheImageYieldToWhatIsAskedFor) {
  HostConfig host_config;
  host_config.binds = {"named:/a"};
  host_config.tmpfs = {{"/b", ""}};
  ContainerConfig config;
  config.volumes = {{"/a", {}}, {"/b", {}}, {"/c", {}}};
  const auto mounts = plan(host_config, config);
  ASSERT_EQ(mounts.size(), 2u);
  EXPECT_EQ(mounts[0].point.name, "named");
  EXPECT_EQ(mounts[1].point.destination, "/c");
  EXPECT_TRUE(mounts[1].point.anonymous);
  EXPECT_EQ(mounts[1].point.mode, "");
}

TEST(Mounts, VolumesFromAnotherContainerYieldToItsOwn) {
  HostConfig host_config;
  host_config.volumes_from = {"other:ro"};
  auto mounts = plan(host_config);
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_EQ(mounts[0].point.name, "theirs");
  EXPECT_FALSE(mounts[0].point.read_write);
  host_config.binds = {"mine:/data"};
  mounts = plan(host_config);
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_EQ(mounts[0].point.name, "mine");
  host_config.volumes_from = {"nobody"};
  EXPECT_EQ(refusal(host_config), "No such container: nobody");
}

}  // namespace
}  // namespace sockerless::test
