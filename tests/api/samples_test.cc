#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using test::TestDaemon;

json::Value sample(const std::string& name) {
  std::ifstream file(std::string(SOCKERLESS_SAMPLES) + "/" + name + ".json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse_value(text.str());
}

// What one container or image has and another need not.
const std::set<std::string>& optional_members() {
  static const std::set<std::string> names{".State.Health",             // only with a health check
                                           ".ImageManifestDescriptor",  // of engines with containerd's image store
                                           ".Descriptor",               // likewise
                                           ".Config.ExposedPorts",
                                           ".Config.Healthcheck",
                                           ".Labels",
                                           ".Config.Labels",
                                           ".Runtimes.runcw",
                                           ".Runtimes.io.containerd.runc.v2",
                                           ".Runtimes.runc.status",
                                           ".Containerd",
                                           ".FirewallBackend",  // of the engine's own host
                                           ".CDISpecDirs",
                                           ".RegistryConfig.IndexConfigs.127.0.0.1:5000",
                                           ".NetworkSettings.Networks.bridge",
                                           ".NetworkSettings.Ports.80/tcp",
                                           ".NetworkSettings.Ports.9000/udp",
                                           ".HostConfig.PortBindings.80/tcp",
                                           ".HostConfig.PortBindings.9000/udp",
                                           ".Config.Labels.n",
                                           ".Config.Labels.k"};
  return names;
}

// Every member of the recorded answer must be in ours, with a value of the same kind: strict
// clients decode into typed structures.
void compare(const json::Value& recorded, const json::Value& ours, const std::string& path) {
  const auto* object = recorded.if_object();
  if (object == nullptr) {
    const bool both_numbers = recorded.is_number() && ours.is_number();
    EXPECT_TRUE(recorded.is_null() || ours.is_null() || both_numbers || recorded.kind() == ours.kind())
        << path << ": " << boost::json::serialize(ours);
    return;
  }
  if (ours.is_null()) return;
  ASSERT_TRUE(ours.is_object()) << path;
  for (const auto& member : *object) {
    const std::string below = path + "." + std::string(member.key());
    if (optional_members().contains(below)) continue;
    const json::Value* counterpart = ours.get_object().if_contains(member.key());
    if (counterpart == nullptr) {
      ADD_FAILURE() << below << " is missing";
    } else {
      compare(member.value(), *counterpart, below);
    }
  }
}

class Samples : public testing::TestWithParam<const char*> {
 protected:
  Samples() {
    daemon_.post("/networks/create", R"({"Name":"sn1"})");
    daemon_.create("smp", R"(,"Labels":{"k":"v"},"HostConfig":{"NetworkMode":"sn1"})");
    daemon_.start("smp", daemon_.record("smp").id);
  }
  std::string version() const { return GetParam(); }

  TestDaemon daemon_;
};

TEST_P(Samples, ContainerInspectHasEveryMember) {
  compare(sample("v" + version() + "_containers_smp_json"), daemon_.get("/v" + version() + "/containers/smp/json").body,
          "");
}

TEST_P(Samples, ContainerListHasEveryMember) {
  compare(sample("v" + version() + "_containers_json_all_1").at(0),
          daemon_.get("/v" + version() + "/containers/json?all=1").body.at(0), "");
}

TEST_P(Samples, ImageInspectHasEveryMember) {
  compare(sample("v" + version() + "_images_busybox_json"), daemon_.get("/v" + version() + "/images/busybox/json").body,
          "");
}

TEST_P(Samples, ImageListHasEveryMember) {
  compare(sample("v" + version() + "_images_json").at(0), daemon_.get("/v" + version() + "/images/json").body.at(0),
          "");
}

TEST_P(Samples, NetworkInspectAndListHaveEveryMember) {
  json::Value recorded = sample("v" + version() + "_networks_sn1");
  json::Value ours = daemon_.get("/v" + version() + "/networks/sn1").body;
  const auto take_container = [](json::Value& network) {
    auto& containers = network.as_object().at("Containers").as_object();
    const json::Value container = containers.begin()->value();
    containers.clear();
    return container;
  };
  compare(take_container(recorded), take_container(ours), "");
  compare(recorded, ours, "");
  compare(sample("v" + version() + "_networks_bridge"), daemon_.get("/v" + version() + "/networks/bridge").body, "");
  compare(sample("v" + version() + "_networks").at(0), daemon_.get("/v" + version() + "/networks").body.at(0), "");
}

TEST_P(Samples, VersionAndInfoHaveEveryMember) {
  compare(sample("v" + version() + "_version"), daemon_.get("/v" + version() + "/version").body, "");
  compare(sample("v" + version() + "_info"), daemon_.get("/v" + version() + "/info").body, "");
}

INSTANTIATE_TEST_SUITE_P(Versions, Samples, testing::Values("1.41", "1.51"));

}  // namespace
}  // namespace sockerless
