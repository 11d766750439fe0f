#include "agent/task/log_events.h"

#include <gtest/gtest.h>

#include <string>

namespace sockerless::agent {
namespace {

std::uint64_t count(std::string_view text, std::size_t piece) {
  LogEventCounter counter;
  while (!text.empty()) {
    counter.add(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  return counter.total();
}

TEST(LogEvents, AreLinesThatAreNotEmpty) {
  for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
    EXPECT_EQ(count("", piece), 0U);
    EXPECT_EQ(count("\n\n\n", piece), 0U);
    EXPECT_EQ(count("a\n", piece), 1U);
    EXPECT_EQ(count("a\n\nb\n", piece), 2U);
    EXPECT_EQ(count("a\nunterminated", piece), 2U);
    EXPECT_EQ(count(" \n\r\n", piece), 2U);
  }
}

TEST(LogEvents, LongLinesAreCut) {
  const std::size_t limit = LogEventCounter::kMaxEvent;
  for (const std::size_t piece : {std::size_t{65536}, std::size_t{262118}, std::size_t{1} << 20}) {
    EXPECT_EQ(count(std::string(limit - 1, 'x') + "\n", piece), 1U);
    EXPECT_EQ(count(std::string(limit, 'x') + "\n", piece), 1U);
    EXPECT_EQ(count(std::string(limit, 'x'), piece), 1U);
    EXPECT_EQ(count(std::string(limit + 1, 'x') + "\n", piece), 2U);
    EXPECT_EQ(count(std::string(3 * limit, 'x') + "\ny\n", piece), 4U);
  }
}

}  // namespace
}  // namespace sockerless::agent
