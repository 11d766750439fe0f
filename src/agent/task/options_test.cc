#include "agent/task/options.h"

#include <gtest/gtest.h>

#include <csignal>

namespace sockerless::agent {
namespace {

ParsedOptions parse(const std::vector<std::string_view>& arguments, std::vector<std::string_view> environment = {}) {
  environment.emplace_back("SOCKERLESS_AGENT_TOKEN=secret");
  return parse_options(arguments, environment);
}

TEST(Options, ForwardListensAndKeepsTheCommandAsItIs) {
  const auto parsed = parse({"--addr", ":9111", "--", "sh", "-c", "--", ""});
  EXPECT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.options.mode, Mode::forward);
  EXPECT_EQ(parsed.options.listen, ":9111");
  EXPECT_EQ(parsed.options.command, (std::vector<std::string>{"sh", "-c", "--", ""}));
  EXPECT_EQ(parse({"--", "sh"}).options.listen, ":9111");
}

TEST(Options, ReverseIsChosenByArgumentOrEnvironment) {
  EXPECT_EQ(parse({"--callback", "http://d:1", "--", "sh"}).options.mode, Mode::reverse);
  const auto parsed = parse({"--", "sh"}, {"SOCKERLESS_AGENT_CALLBACK_URL=http://d:2"});
  EXPECT_EQ(parsed.options.mode, Mode::reverse);
  EXPECT_EQ(parsed.options.callback.port, "2");
  EXPECT_EQ(parse({"--addr", ":1", "--", "sh"}, {"SOCKERLESS_AGENT_CALLBACK_URL=http://d:2"}).options.mode,
            Mode::forward);
}

TEST(Options, TheLaunchsCallbackBeatsWhatTheDefinitionSays) {
  const auto moved = parse({"--callback", "http://d:1", "--", "sh"},
                           {"SOCKERLESS_AGENT_CALLBACK_URL=http://d:1", "SOCKERLESS_LAUNCH_CALLBACK_URL=http://d:2"});
  EXPECT_EQ(moved.options.mode, Mode::reverse);
  EXPECT_EQ(moved.options.callback.port, "2");
  EXPECT_EQ(parse({"--addr", ":1", "--", "sh"}, {"SOCKERLESS_LAUNCH_CALLBACK_URL=http://d:2"}).options.mode,
            Mode::reverse);
  EXPECT_EQ(parse({"--callback", "http://d:1", "--", "sh"}, {"SOCKERLESS_LAUNCH_CALLBACK_URL=none"}).options.mode,
            Mode::forward);
}

TEST(Options, CommandSeesNoneOfTheAgentsVariables) {
  const auto parsed = parse({"--", "sh"}, {"PATH=/bin", "SOCKERLESS_CONTAINER_ID=c", "SOCKERLESS_X=y", "A=b=c", "ODD"});
  EXPECT_EQ(parsed.options.environment, (std::vector<std::string>{"PATH=/bin", "A=b=c", "ODD"}));
  EXPECT_EQ(parsed.options.container_id, "c");
  EXPECT_EQ(parsed.options.token, "secret");
}

TEST(Options, EnvironmentTellsHowToRunTheCommand) {
  const auto parsed = parse(
      {"--", "sh"}, {"SOCKERLESS_AGENT_WAIT=1", "SOCKERLESS_AGENT_TTY=1", "SOCKERLESS_AGENT_STDIN=once",
                     "SOCKERLESS_AGENT_STOP_SIGNAL=SIGQUIT", "SOCKERLESS_LAUNCH_ID=l", "SOCKERLESS_AGENT_CA=/ca.pem"});
  EXPECT_TRUE(parsed.options.wait_for_go);
  EXPECT_TRUE(parsed.options.tty);
  EXPECT_EQ(parsed.options.standard_input, StandardInput::once);
  EXPECT_EQ(parsed.options.stop_signal, SIGQUIT);
  EXPECT_EQ(parsed.options.launch_id, "l");
  EXPECT_EQ(parsed.options.certificate_authorities, "/ca.pem");
  EXPECT_EQ(parse({"--", "sh"}, {"SOCKERLESS_AGENT_STDIN=1"}).options.standard_input, StandardInput::open);
  EXPECT_FALSE(parse({"--", "sh"}, {"SOCKERLESS_AGENT_WAIT=0"}).options.wait_for_go);
}

TEST(Options, MistakesAreNamed) {
  EXPECT_EQ(parse({"--nonsense", "--", "sh"}).error, "unknown option --nonsense");
  EXPECT_EQ(parse({"--addr"}).error, "option --addr needs a value");
  EXPECT_NE(parse({"--callback", "nonsense", "--", "sh"}).error.find("callback URL nonsense"), std::string::npos);
  EXPECT_NE(parse({}).error.find("no command"), std::string::npos);
  EXPECT_EQ(parse_options({"--", "sh"}, {}).error, "SOCKERLESS_AGENT_TOKEN is not set");
}

TEST(Options, ProgramsOfOtherModesNeedNoToken) {
  EXPECT_EQ(parse_options({"--version"}, {}).error, "");
  EXPECT_EQ(parse_options({"--help"}, {}).error, "");
  const auto install = parse_options({"--install", "/x"}, {});
  EXPECT_EQ(install.error, "");
  EXPECT_EQ(install.options.mode, Mode::install);
  EXPECT_EQ(install.options.install_folder, "/x");
}

TEST(Options, LastVariableOfANameCounts) {
  EXPECT_EQ(find_variable({"A=1", "AB=2", "A=3"}, "A"), "3");
  EXPECT_EQ(find_variable({"A"}, "A"), std::nullopt);
}

}  // namespace
}  // namespace sockerless::agent
