#include "core/container_create.h"

#include <gtest/gtest.h>

namespace sockerless::core {
namespace {

ImageRecord image_with(std::vector<std::string> entrypoint, std::vector<std::string> cmd) {
  ImageRecord image;
  if (!entrypoint.empty()) image.config.entrypoint = Words(std::move(entrypoint));
  image.config.cmd = Words(std::move(cmd));
  image.config.env = {"PATH=/bin", "LANG=C"};
  return image;
}

ContainerConfig config_with(std::optional<Words> entrypoint, Words cmd) {
  ContainerConfig config;
  config.image = "busybox";
  config.entrypoint = std::move(entrypoint);
  config.cmd = std::move(cmd);
  return config;
}

TEST(Merge, TheImagesCommandIsUsedUnlessOneIsGiven) {
  const ImageRecord image = image_with({"/entry"}, {"serve"});
  const auto none = merge(config_with({}, {}), image);
  EXPECT_EQ(none.entrypoint, (Words{"/entry"}));
  EXPECT_EQ(none.cmd, (Words{"serve"}));

  const auto command = merge(config_with({}, {"other"}), image);
  EXPECT_EQ(command.entrypoint, (Words{"/entry"}));
  EXPECT_EQ(command.cmd, (Words{"other"}));
}

TEST(Merge, AnEntrypointOfOnesOwnDropsTheImagesCommand) {
  const auto own = merge(config_with(Words{"/mine"}, {}), image_with({"/entry"}, {"serve"}));
  EXPECT_EQ(own.entrypoint, (Words{"/mine"}));
  EXPECT_TRUE(own.cmd.empty());
}

TEST(Merge, AnEmptyEntrypointResetsTheImages) {
  const auto reset = merge(config_with(Words{""}, {"ls"}), image_with({"/entry"}, {"serve"}));
  EXPECT_FALSE(reset.entrypoint.has_value());
  EXPECT_EQ(reset.cmd, (Words{"ls"}));
}

TEST(Merge, OnesOwnVariablesComeFirstAndWin) {
  ContainerConfig config = config_with({}, {"x"});
  config.env = {"A=b", "PATH=/mine"};
  EXPECT_EQ(merge(config, image_with({}, {})).env, (std::vector<std::string>{"A=b", "PATH=/mine", "LANG=C"}));
}

TEST(Merge, WithoutAnyCommandTheErrorSaysWhy) {
  ImageRecord synthetic = image_with({}, {});
  synthetic.synthetic = true;
  try {
    merge(config_with({}, {}), synthetic);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("configuration of busybox is not known"), std::string::npos);
  }
}

TEST(Validate, NamesAreAsDockerHasThem) {
  EXPECT_TRUE(is_valid_name("web_1.x-y"));
  for (const char* name : {"", "a", "-a", "a b", "a!", "\xc3\xa4pfel"}) {
    EXPECT_FALSE(is_valid_name(name)) << name;
  }
}

struct Refusal {
  const char* sentence;
  void (*break_it)(ContainerConfig&, HostConfig&);
};

class ValidateRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ValidateRefuses, WithDockersSentence) {
  ContainerConfig config = config_with({}, {"x"});
  HostConfig host_config;
  GetParam().break_it(config, host_config);
  try {
    validate(config, host_config);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), GetParam().sentence);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ValidateRefuses,
    testing::Values(
        Refusal{"invalid environment variable: =x", [](ContainerConfig& c, HostConfig&) { c.env = {"=x"}; }},
        Refusal{"the working directory 'rel' is invalid, it needs to be an absolute path",
                [](ContainerConfig& c, HostConfig&) { c.working_dir = "rel"; }},
        Refusal{"can't create 'AutoRemove' container with restart policy",
                [](ContainerConfig&, HostConfig& h) {
                  h.auto_remove = true;
                  h.restart_policy.name = "always";
                }},
        Refusal{"invalid restart policy: maximum retry count can only be used with 'on-failure'",
                [](ContainerConfig&, HostConfig& h) {
                  h.restart_policy = {"always", 3};
                }},
        Refusal{"Minimum memory limit allowed is 6MB", [](ContainerConfig&, HostConfig& h) { h.memory = 1000; }},
        Refusal{"invalid port specification: \"99999\"",
                [](ContainerConfig&, HostConfig& h) {
                  h.port_bindings["80/tcp"] = {{"", "99999"}};
                }},
        Refusal{"unknown or invalid runtime name: nosuch",
                [](ContainerConfig&, HostConfig& h) { h.runtime = "nosuch"; }},
        Refusal{"error looking up logging plugin nosuch: plugin \"nosuch\" not found",
                [](ContainerConfig&, HostConfig& h) { h.log_config.type = "nosuch"; }},
        Refusal{"Interval in Healthcheck cannot be less than 1ms",
                [](ContainerConfig& c, HostConfig&) { c.healthcheck = Healthcheck{.interval = 1}; }},
        Refusal{"invalid signal: BOGUS", [](ContainerConfig& c, HostConfig&) { c.stop_signal = "BOGUS"; }}));

}  // namespace
}  // namespace sockerless::core
