#include "config/option.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace sockerless::config {
namespace {

using namespace std::chrono_literals;

struct SomeOptions : Options {
  Option<std::string> cluster{this, "ecs-cluster", "sockerless", "Cluster."};
  Option<std::chrono::milliseconds> wait{this, "start-wait", 50s, "Wait."};
  Option<bool> local{this, "local", false, "Local."};
  Option<Secret> token{this, "agent-token", Secret(), "Token."};
  Option<Pairs> mirrors{this, "registry-mirror", Pairs(), "Mirrors."};
  Option<std::string> region{this, "region", "", "Region.", "AWS_REGION AWS_DEFAULT_REGION"};
};

const char* no_environment(const char*) { return nullptr; }

TEST(Options, FlagsWinOverEnvironmentWinsOverDefault) {
  SomeOptions options;
  options.load({"--ecs-cluster=from-flag", "--local"}, [](const char* name) -> const char* {
    const std::string_view wanted(name);
    if (wanted == "SOCKERLESS_ECS_CLUSTER") return "from-env";
    if (wanted == "SOCKERLESS_START_WAIT") return "5m";
    if (wanted == "AWS_REGION") return "eu-west-1";
    return nullptr;
  });
  EXPECT_EQ(options.cluster(), "from-flag");
  EXPECT_EQ(options.wait(), 300s);
  EXPECT_TRUE(options.local());
  EXPECT_EQ(options.region(), "eu-west-1");
}

TEST(Options, FirstOfTheOtherVariablesCounts) {
  SomeOptions both;
  both.load({}, [](const char* name) -> const char* {
    const std::string_view wanted(name);
    if (wanted == "AWS_REGION") return "eu-west-1";
    return wanted == "AWS_DEFAULT_REGION" ? "eu-west-2" : nullptr;
  });
  EXPECT_EQ(both.region(), "eu-west-1");
  SomeOptions second;
  second.load({}, [](const char* name) -> const char* {
    return std::string_view(name) == "AWS_DEFAULT_REGION" ? "eu-west-2" : nullptr;
  });
  EXPECT_EQ(second.region(), "eu-west-2");
  EXPECT_NE(second.reference_markdown().find("`AWS_REGION`, `AWS_DEFAULT_REGION`"), std::string::npos);
}

TEST(Options, BooleansAreReadInAnyCase) {
  SomeOptions options;
  options.load({"--local=True"}, no_environment);
  EXPECT_TRUE(options.local());
}

TEST(Options, ValueMayBeTheNextArgument) {
  SomeOptions options;
  options.load({"--registry-mirror", "docker.io=http://a,ghcr.io=http://b"}, no_environment);
  EXPECT_EQ(options.mirrors(), (Pairs{{"docker.io", "http://a"}, {"ghcr.io", "http://b"}}));
}

TEST(Options, AllProblemsAreListedAtOnce) {
  SomeOptions options;
  try {
    options.load({"--nope=1", "--start-wait=soon"}, no_environment);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "unknown argument --nope=1 (--help lists the options)\n"
                 "--start-wait: \"soon\" is not a duration such as 500ms, 30s, 5m or 1h");
  }
}

TEST(Options, SecretsAreNotShown) {
  SomeOptions options;
  options.load({"--agent-token=hunter2"}, no_environment);
  EXPECT_EQ(options.effective_text().find("hunter2"), std::string::npos);
  EXPECT_EQ(options.token().reveal(), "hunter2");
}

TEST(Options, ReferenceListsEveryOption) {
  const std::string page = SomeOptions().reference_markdown();
  EXPECT_NE(page.find("| `--start-wait` | `SOCKERLESS_START_WAIT` | `50s` | Wait. |"), std::string::npos);
  EXPECT_NE(page.find("`SOCKERLESS_REGION`, `AWS_REGION`"), std::string::npos);
}

}  // namespace
}  // namespace sockerless::config
