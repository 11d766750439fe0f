#include "ecs/log_streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/http_imposter.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::ecs {
namespace {

using testing::HasSubstr;

class LogStreamsTest : public testing::Test {
 protected:
  void answer(const std::string& body) { imposter_.answer({.body = body}); }
  void refuse(const std::string& code) {
    imposter_.answer({.status = 400, .body = R"({"__type":")" + code + R"(","message":"The specified one."})"});
  }
  core::LogPage read(const std::string& cursor = "") {
    core::LogQuery query{.container_id = std::string(64, 'a'), .task = "arn:task/c/1234", .cursor = cursor};
    return test::run(loop_, read_log_page(logs_, "/group", query));
  }

  asio::io_context loop_;
  test::ManualClock clock_{loop_.get_executor(), test::ManualClock::Mode::skip_waits};
  test::HttpImposter imposter_{loop_};
  http::Client http_{loop_.get_executor()};
  aws::StaticCredentials credentials_{{.access_key_id = "a", .secret_access_key = Secret("b")}};
  aws::Client client_{http_, clock_, credentials_, {.region = "us-east-1", .endpoints = {.url = imposter_.url()}}};
  aws::Logs logs_{client_};
};

TEST_F(LogStreamsTest, AsksForTheTasksStreamFromItsHead) {
  answer(R"({"events":[],"nextForwardToken":"f/1"})");
  read();
  EXPECT_THAT(imposter_.requests()[0].body, HasSubstr(R"("logStreamName":"aaaaaaaaaaaa/main/1234")"));
  EXPECT_THAT(imposter_.requests()[0].body, HasSubstr(R"("startFromHead":true)"));
}

TEST_F(LogStreamsTest, EmptyPageIsNotTheEndWhileTheTokenChanges) {
  answer(R"({"events":[],"nextForwardToken":"f/2"})");
  answer(R"({"events":[],"nextForwardToken":"f/2"})");
  const core::LogPage first = read("f/1");
  EXPECT_FALSE(first.at_end);
  EXPECT_TRUE(read(first.cursor).at_end);
}

TEST_F(LogStreamsTest, EqualAndLateTimestampsKeepTheStreamsOrder) {
  answer(R"({"events":[{"timestamp":5,"message":"b"},{"timestamp":5,"message":"a"},{"timestamp":3,"message":"late"}],)"
         R"("nextForwardToken":"f/1"})");
  const core::LogPage page = read();
  ASSERT_EQ(page.events.size(), 3u);
  EXPECT_EQ(page.events[0].message + page.events[1].message + page.events[2].message, "balate");
}

TEST_F(LogStreamsTest, StreamThatDoesNotExistYetIsEmptyAndKeepsThePlace) {
  refuse("ResourceNotFoundException");
  const core::LogPage page = read("f/7");
  EXPECT_TRUE(page.at_end);
  EXPECT_TRUE(page.events.empty());
  EXPECT_EQ(page.cursor, "f/7");
}

TEST_F(LogStreamsTest, OtherRefusalsAreErrors) {
  refuse("AccessDeniedException");
  EXPECT_THROW(read(), Error);
}

// Pages come with lag: some are empty, the end is reached again and again and then there is more.
TEST_F(LogStreamsTest, NothingIsLostOrDoubledOverManyLinesWithLag) {
  constexpr int kPages = 100;
  constexpr int kLines = 1000;
  int written = 0;
  int token = 0;
  for (int page = 0; page < kPages; ++page) {
    std::string events;
    for (int line = 0; line < kLines && page % 7 != 0; ++line) {
      events += (events.empty() ? "" : ",") + (R"({"timestamp":)" + std::to_string(written / 10) + R"(,"message":")" +
                                               std::to_string(written) + "\"}");
      ++written;
    }
    ++token;
    answer(R"({"events":[)" + events + R"(],"nextForwardToken":"f/)" + std::to_string(token) + "\"}");
    if (page % 5 == 0) answer(R"({"events":[],"nextForwardToken":"f/)" + std::to_string(token) + "\"}");
  }
  std::string cursor;
  int seen = 0;
  for (int call = 0; call < kPages + kPages / 5; ++call) {
    const core::LogPage page = read(cursor);
    for (const core::LogEvent& event : page.events) ASSERT_EQ(event.message, std::to_string(seen++));
    cursor = page.cursor;
  }
  EXPECT_EQ(seen, written);
  EXPECT_GT(seen, 80'000);
}

TEST_F(LogStreamsTest, GroupIsMadeOnceAndThatIsSaid) {
  answer("{}");
  EXPECT_TRUE(test::run(loop_, ensure_log_group(logs_, "/group")));
  refuse("ResourceAlreadyExistsException");
  EXPECT_FALSE(test::run(loop_, ensure_log_group(logs_, "/group")));
}

}  // namespace
}  // namespace sockerless::ecs
