#include "core/build/dockerfile.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "core/build/stages.h"

namespace sockerless::core::build {
namespace {

Stages stages_of(std::string_view text) { return parse_stages(parse_dockerfile(text)); }

std::string failure_of(std::string_view text) {
  try {
    stages_of(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "no failure";
}

TEST(Dockerfile, ContinuedLinesAreOneInstruction) {
  const Dockerfile file = parse_dockerfile("\n# c\nFROM a\nENV A=1 \\\n  # inside\n\n  B=2\nCMD x\\\n\n");
  ASSERT_EQ(file.instructions.size(), 3U);
  EXPECT_EQ(file.instructions[1].text, "ENV A=1   B=2");
  EXPECT_EQ(file.instructions[1].line, 4);
  EXPECT_EQ(file.instructions[1].rest, "A=1   B=2");
  EXPECT_EQ(file.instructions[2].rest, "x");
  ASSERT_EQ(file.warnings.size(), 2U);
  EXPECT_EQ(file.warnings[0], "Empty continuation line found in:\n    ENV A=1   B=2");
}

TEST(Dockerfile, EscapeDirectiveChangesContinuation) {
  const Dockerfile file = parse_dockerfile("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nCMD c:\\ `\n b\n");
  EXPECT_EQ(file.escape, '`');
  EXPECT_EQ(file.instructions[1].rest, "c:\\  b");
}

TEST(Dockerfile, DirectiveBehindACommentIsAComment) {
  EXPECT_EQ(parse_dockerfile("# comment\n# escape=`\nFROM a\n").escape, '\\');
}

TEST(Dockerfile, MarkOfByteOrderAndCarriageReturnsAreTakenAway) {
  const Dockerfile file = parse_dockerfile(
      "\xef\xbb\xbf"
      "FROM a\r\nENV A=1 \\\r\n B=2\r\n");
  EXPECT_EQ(file.instructions[0].rest, "a");
  EXPECT_EQ(file.instructions[1].rest, "A=1  B=2");
}

TEST(Dockerfile, HereDocumentsBelongToTheirInstruction) {
  const Dockerfile file = parse_dockerfile("FROM a\nCOPY <<one <<-\"two\" /x/\n1\none\n\t2\n\ttwo\nCMD c\n");
  ASSERT_EQ(file.instructions.size(), 3U);
  const auto& documents = file.instructions[1].documents;
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].content, "1\n");
  EXPECT_TRUE(documents[0].expands);
  EXPECT_EQ(documents[1].name, "two");
  EXPECT_EQ(documents[1].content, "2\n");
  EXPECT_FALSE(documents[1].expands);
  EXPECT_EQ(failure_of("FROM a\nCOPY <<x /\nfoo\n"), "unterminated heredoc");
}

TEST(Dockerfile, FlagsStandBeforeTheArguments) {
  const Stages stages = stages_of("FROM --platform=linux/arm64 a AS b\nCOPY --from=x --chown=\"1:2\" s /d --not\n");
  EXPECT_EQ(stages.stages[0].from.flags.at("platform"), "linux/arm64");
  const Command& copy = stages.stages[0].commands[0];
  EXPECT_EQ(copy.flags.at("chown"), "1:2");
  EXPECT_EQ(copy.words, (std::vector<std::string>{"s", "/d", "--not"}));
}

TEST(Dockerfile, ListsAreJsonAndEverythingElseIsTheShells) {
  const Stages stages = stages_of("FROM a\nCMD [\"a b\", \"c\"]\nCMD [\"a\", b]\nCMD a  \"b\"\n");
  EXPECT_TRUE(stages.stages[0].commands[0].is_json);
  EXPECT_EQ(stages.stages[0].commands[0].words, (std::vector<std::string>{"a b", "c"}));
  EXPECT_FALSE(stages.stages[0].commands[1].is_json);
  EXPECT_EQ(stages.stages[0].commands[2].words, (std::vector<std::string>{"a  \"b\""}));
}

TEST(Dockerfile, PairsInBothForms) {
  const Stages stages = stages_of("FROM a\nENV a=1 b=\"x y\" c=d\\ e\nENV old form of it\n");
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(stages.stages[0].commands[0].pairs, (Pairs{{"a", "1"}, {"b", "\"x y\""}, {"c", "d\\ e"}}));
  EXPECT_EQ(stages.stages[0].commands[1].pairs, (Pairs{{"old", "form of it"}}));
}

TEST(Dockerfile, TargetEndsTheStages) {
  Stages stages = stages_of("FROM a AS One\nFROM b\nFROM c\n");
  EXPECT_EQ(stages.stages[0].name, "one");
  stages.end_at("ONE");
  EXPECT_EQ(stages.stages.size(), 1U);
  EXPECT_THROW(stages.end_at("two"), Error);
}

struct Mistake {
  const char* text;
  const char* failure;
};

class DockerfileMistake : public testing::TestWithParam<Mistake> {};

TEST_P(DockerfileMistake, IsToldInDockersWords) { EXPECT_EQ(failure_of(GetParam().text), GetParam().failure); }

INSTANTIATE_TEST_SUITE_P(
    All, DockerfileMistake,
    testing::Values(
        Mistake{"FROM a\n\nFOO x\n", "dockerfile parse error on line 3: unknown instruction: FOO"},
        Mistake{"# only\n", "file with no instructions"}, Mistake{"RUN x\n", "no build stage in current context"},
        Mistake{"FROM a b\n", "dockerfile parse error on line 1: FROM requires either one or three arguments"},
        Mistake{"FROM a\nENV\n", "dockerfile parse error on line 2: ENV requires at least one argument"},
        Mistake{"FROM a\nENV a\n", "ENV must have two arguments"},
        Mistake{"FROM a\nLABEL a=1 b\n", "Syntax error - can't find = in \"b\". Must be of the form: name=value"},
        Mistake{"FROM a\nCOPY x\n",
                "dockerfile parse error on line 2: COPY requires at least two arguments, but only one "
                "was provided. Destination could not be determined"},
        Mistake{"FROM a\nCMD [\"a\", 1]\n", "when using JSON array syntax, arrays must be comprised of strings only"},
        Mistake{"FROM a\nVOLUME [\"\"]\n",
                "dockerfile parse error on line 2: VOLUME specified can not be an empty string"},
        Mistake{"FROM a\nCOPY --foo=1 a /\n", "dockerfile parse error on line 2: unknown flag: foo"},
        Mistake{"FROM a\nCOPY --from a /\n", "dockerfile parse error on line 2: missing a value on flag: from"},
        Mistake{"FROM a\nSHELL /bin/sh\n",
                "dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form"},
        Mistake{"FROM a\nHEALTHCHECK FOO x\n",
                "dockerfile parse error on line 2: Unknown type \"FOO\" in HEALTHCHECK (try CMD)"},
        Mistake{"FROM a\nHEALTHCHECK --interval=1x CMD x\n",
                "dockerfile parse error on line 2: time: unknown unit \"x\" in duration \"1x\""},
        Mistake{"FROM a\nHEALTHCHECK CMD\n", "dockerfile parse error on line 2: Missing command after HEALTHCHECK CMD"},
        Mistake{"FROM a\nHEALTHCHECK NONE x\n",
                "dockerfile parse error on line 2: HEALTHCHECK NONE takes no arguments"},
        Mistake{"FROM a\nONBUILD FROM x\n",
                "dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger"},
        Mistake{"FROM a\nONBUILD ONBUILD RUN x\n",
                "dockerfile parse error on line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"},
        Mistake{"FROM a AS 1x\n",
                "dockerfile parse error on line 1: invalid name for build stage: \"1x\", name can't start "
                "with a number or contain symbols"},
        Mistake{"# escape=x\nFROM a\n", "invalid escape token 'x' does not match ` or \\"},
        Mistake{"FROM a\nUSER\n", "dockerfile parse error on line 2: USER requires exactly one argument"}));

TEST(Duration, IsReadAsGoDoes) {
  EXPECT_EQ(parse_duration("1m30s"), 90'000'000'000);
  EXPECT_EQ(parse_duration("1.5ms"), 1'500'000);
  EXPECT_EQ(parse_duration("0"), 0);
  EXPECT_THROW(parse_duration("5"), Error);
  EXPECT_THROW(parse_duration(""), Error);
}

}  // namespace
}  // namespace sockerless::core::build
