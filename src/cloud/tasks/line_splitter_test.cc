#include "cloud/tasks/line_splitter.h"

#include <gtest/gtest.h>

#include <vector>

namespace sockerless::cloud {
namespace {

std::vector<std::string> split(const std::vector<std::string>& pieces) {
  LineSplitter splitter;
  std::vector<std::string> messages;
  const auto keep = [&](std::string message) { messages.push_back(std::move(message)); };
  for (const auto& piece : pieces) splitter.feed(piece, keep);
  splitter.finish(keep);
  return messages;
}

using Messages = std::vector<std::string>;

TEST(LineSplitter, CutsAtNewlinesAcrossPieces) { EXPECT_EQ(split({"a\nb", "c\n", "d"}), (Messages{"a", "bc", "d"})); }

TEST(LineSplitter, DropsEmptyLines) { EXPECT_EQ(split({"\n\na\n\n"}), Messages{"a"}); }

TEST(LineSplitter, KeepsCarriageReturns) { EXPECT_EQ(split({"a\r\n"}), Messages{"a\r"}); }

TEST(LineSplitter, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(split({"a\xff\xfe"
                   "b\n"}),
            Messages{"a\xef\xbf\xbd\xef\xbf\xbd"
                     "b"});
}

TEST(LineSplitter, JoinsACharacterThatCameInTwoPieces) { EXPECT_EQ(split({"\xc3", "\xa4\n"}), Messages{"\xc3\xa4"}); }

TEST(LineSplitter, SplitsLongLinesAtTheLimit) {
  const std::string line(2 * LineSplitter::kLongestMessage + 5, 'x');
  for (const auto& pieces : {Messages{line + "\n"}, Messages{line.substr(0, 100'000), line.substr(100'000)}}) {
    const auto messages = split(pieces);
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[0].size(), LineSplitter::kLongestMessage);
    EXPECT_EQ(messages[1].size(), LineSplitter::kLongestMessage);
    EXPECT_EQ(messages[2].size(), 5u);
  }
}

TEST(LineSplitter, NeverCutsACharacter) {
  std::string line;
  while (line.size() < LineSplitter::kLongestMessage + 100) line += "\xe2\x82\xac";
  const auto messages = split({line});
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].size() % 3, 0u);
  EXPECT_EQ(messages[0] + messages[1], line);
}

}  // namespace
}  // namespace sockerless::cloud
