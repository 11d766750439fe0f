#include "cloud/logs_api/log_store.h"

#include <boost/asio/executor_work_guard.hpp>

#include <filesystem>

#include "cloud/testing/test_cloud.h"

namespace sockerless::cloud::logs {
namespace {

constexpr std::int64_t kMostBytes = 100'000;

// A store that has room for ten events.
class BoundedLogsTest : public test::TestCloud {
 protected:
  BoundedLogsTest() { store_here_.create_group("/g"); }

  // Nobody holds it afterwards.
  void make(const std::string& name, int events = 1) {
    write(*store_here_.create_stream("/g", name), events);
    clock_.advance(std::chrono::seconds(2));
  }
  void write(Stream& stream, int events = 1) {
    for (int i = 0; i < events; ++i) {
      store_here_.append(stream, {{store_here_.now_ms(), std::string(10'000, 'x')}});
    }
  }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& [name, stream] : store_here_.get_group("/g").streams) found.push_back(name);
    return found;
  }
  std::int64_t bytes_on_disk() const {
    std::int64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/bounded")) {
      bytes += static_cast<std::int64_t>(entry.file_size());
    }
    return bytes;
  }

  LogStore store_here_{{folder_ + "/bounded", {}, kMostBytes}, identity_, clock_, state_};
};

TEST_F(BoundedLogsTest, TheLongestSilentStreamsGo) {
  make("a", 4);
  make("b", 4);
  write(*store_here_.get_stream("/g", "a"));
  clock_.advance(std::chrono::seconds(2));
  make("c");
  make("d");
  EXPECT_EQ(names(), (std::vector<std::string>{"a", "c", "d"}));
  EXPECT_LE(bytes_on_disk(), kMostBytes);
}

TEST_F(BoundedLogsTest, WhatIsBeingWrittenStaysAndRefusesMore) {
  make("silent", 3);
  const auto busy = store_here_.create_stream("/g", "busy");
  EXPECT_THROW(write(*busy, 20), ApiError);
  EXPECT_EQ(names(), std::vector<std::string>{"busy"});
  EXPECT_LE(bytes_on_disk(), kMostBytes + 11'000);
  store_here_.delete_stream("/g", "busy");
  const auto next = store_here_.create_stream("/g", "next");
  write(*next);
  EXPECT_EQ(next->file.content().events, 1);
}

TEST_F(BoundedLogsTest, TheNextProcessCountsWhatIsThere) {
  make("a", 5);
  make("b", 4);
  const auto keep_running = asio::make_work_guard(loop_);
  sockerless::test::run(loop_, state_.settled());
  StateStore state(folder_ + "/state", loop_.get_executor());
  LogStore next({folder_ + "/bounded", {}, kMostBytes}, identity_, clock_, state);
  const auto stream = next.create_stream("/g", "c");
  for (int i = 0; i < 3; ++i) next.append(*stream, {{next.now_ms(), std::string(10'000, 'x')}});
  EXPECT_EQ(next.get_group("/g").streams.count("a"), 0U);
}

TEST_F(BoundedLogsTest, ExpiredStreamsGoWhileTheCloudRuns) {
  store_here_.set_retention("/g", 1);
  make("old");
  const auto held = store_here_.create_stream("/g", "held");
  clock_.advance(std::chrono::hours(25));
  make("new");
  EXPECT_EQ(names(), (std::vector<std::string>{"held", "new"}));
}

TEST_F(BoundedLogsTest, ExpiredEventsAreNotShown) {
  logs("CreateLogGroup", R"({"logGroupName":"/e"})");
  logs("CreateLogStream", R"({"logGroupName":"/e","logStreamName":"s"})");
  logs("PutRetentionPolicy", R"({"logGroupName":"/e","retentionInDays":1})");
  const auto stream = store_.get_stream("/e", "s");
  store_.append(*stream, {{store_.now_ms(), "old"}});
  clock_.advance(std::chrono::hours(25));
  store_.append(*stream, {{store_.now_ms(), "new"}});
  for (const char* operation : {"GetLogEvents", "FilterLogEvents"}) {
    const bool is_get = std::string_view(operation) == "GetLogEvents";
    const auto answer =
        logs(operation, is_get ? R"({"logGroupName":"/e","logStreamName":"s"})" : R"({"logGroupName":"/e"})");
    ASSERT_EQ(answer.at("events").as_array().size(), 1U) << operation;
    EXPECT_EQ(text(answer.at("events").at(0).at("message")), "new");
  }
}

}  // namespace
}  // namespace sockerless::cloud::logs
