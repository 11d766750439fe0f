#include "cloud/logs_api/event_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "cloud/logs_api/log_file.h"

namespace sockerless::cloud::logs {
namespace {

using Direction = Position::Direction;

class EventReaderTest : public testing::Test {
 protected:
  EventReaderTest() : folder_(make_folder()), file_(folder_ + "/one"), other_(folder_ + "/two") {}
  ~EventReaderTest() override { std::filesystem::remove_all(folder_); }

  static std::string make_folder() {
    std::string name = testing::TempDir() + "event_reader_XXXXXX";
    return mkdtemp(name.data());
  }

  // Events 0…count-1, at 1000 ms, 1001 ms, …
  void fill(LogFile& file, int count, std::int64_t from = 1000, std::size_t size = 0) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      events.push_back({from + i, 5000 + i, next_put_++, fmt::format("line {}", i) + std::string(size, '.')});
    }
    file.append(events);
  }

  EventPage forward(std::int64_t from, std::size_t limit) {
    EventRange range;
    range.limit = limit;
    return read_page(file_.content(), {Direction::forward, from}, range);
  }

  EventPage backward(std::int64_t to, std::size_t limit) {
    EventRange range;
    range.limit = limit;
    return read_page(file_.content(), {Direction::backward, to}, range);
  }

  std::string folder_;
  LogFile file_;
  LogFile other_;
  std::int64_t next_put_ = 0;
};

TEST_F(EventReaderTest, ForwardPagesJoin) {
  fill(file_, 1000);
  std::int64_t at = 0;
  int seen = 0;
  for (;;) {
    const EventPage page = forward(at, 300);
    if (page.events.empty()) {
      EXPECT_EQ(page.end, at);  // the token of the end is the one that was given
      break;
    }
    for (const auto& event : page.events) EXPECT_EQ(event.message, fmt::format("line {}", seen++));
    at = page.end;
  }
  EXPECT_EQ(seen, 1000);
}

TEST_F(EventReaderTest, BackwardPagesJoinInOrder) {
  fill(file_, 600);
  const EventPage last = backward(600, 100);
  ASSERT_EQ(last.events.size(), 100u);
  EXPECT_EQ(last.events.front().message, "line 500");
  EXPECT_EQ(last.events.back().message, "line 599");
  EXPECT_EQ(last.end, 600);
  const EventPage before = backward(last.begin, 500);
  ASSERT_EQ(before.events.size(), 500u);
  EXPECT_EQ(before.events.front().message, "line 0");
  EXPECT_EQ(backward(before.begin, 10).begin, 0);
}

TEST_F(EventReaderTest, OfAnEmptyStreamIsEmpty) {
  EXPECT_TRUE(forward(0, 10).events.empty());
  EXPECT_TRUE(backward(0, 10).events.empty());
}

TEST_F(EventReaderTest, TimesBoundThePage) {
  fill(file_, 1000);
  EventRange range;
  range.from = 1500;
  range.until = 1509;
  const EventPage page = read_page(file_.content(), {Direction::forward, 0}, range);
  ASSERT_EQ(page.events.size(), 10u);
  EXPECT_EQ(page.events.front().timestamp, 1500);
  const EventPage same = read_page(file_.content(), {Direction::backward, 1000}, range);
  EXPECT_EQ(same.events.size(), 10u);
  EXPECT_EQ(same.events.front().timestamp, 1500);
}

TEST_F(EventReaderTest, AMegabyteBoundsThePage) {
  fill(file_, 300, 1000, 10'000);
  EXPECT_EQ(forward(0, 10'000).events.size(), 104u);
  EXPECT_EQ(backward(300, 10'000).events.size(), 104u);
}

TEST_F(EventReaderTest, WhatIsNotVisibleYetIsNotSkipped) {
  fill(file_, 10);
  EventRange range;
  range.ingested_until = 5004;
  const EventPage page = read_page(file_.content(), {Direction::forward, 0}, range);
  EXPECT_EQ(page.events.size(), 5u);
  EXPECT_EQ(page.end, 5);
  EXPECT_EQ(read_page(file_.content(), {Direction::backward, 10}, range).end, 5);
}

TEST_F(EventReaderTest, TokensReadBack) {
  for (const Position position : {Position{Direction::forward, 12}, Position{Direction::backward, 0}}) {
    const auto read = decode_position(encode_position(position));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->direction, position.direction);
    EXPECT_EQ(read->number, position.number);
  }
  EXPECT_FALSE(decode_position("f/12/s"));
  EXPECT_FALSE(decode_position("nonsense"));
}

TEST_F(EventReaderTest, SearchMergesStreamsByTime) {
  fill(file_, 500, 1000);
  fill(other_, 500, 1000);
  std::string token;
  std::vector<std::pair<std::int64_t, std::string>> seen;
  do {
    EventRange range;
    range.limit = 150;
    const auto found = search({{"one", file_.content()}, {"two", other_.content()}}, FilterPattern("7"), range, token);
    for (const auto& event : found.events) seen.emplace_back(event.timestamp, event.stream);
    token = found.next_token;
  } while (!token.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.size(), 2 * 95u);  // the numbers below 500 with a 7 in them
}

}  // namespace
}  // namespace sockerless::cloud::logs
