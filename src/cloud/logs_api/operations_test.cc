#include <fmt/format.h>

#include <filesystem>

#include "cloud/testing/test_cloud.h"

namespace sockerless::cloud::logs {
namespace {

class LogsTest : public test::TestCloud {
 protected:
  LogsTest() {
    logs("CreateLogGroup", R"({"logGroupName":"/g"})");
    logs("CreateLogStream", R"({"logGroupName":"/g","logStreamName":"s"})");
  }

  static std::string in_stream(const std::string& more = "") {
    return R"({"logGroupName":"/g","logStreamName":"s")" + more + "}";
  }

  json::Value put(const std::string& events) { return logs("PutLogEvents", in_stream(R"(,"logEvents":)" + events)); }

  std::string event(std::int64_t ago_ms, const std::string& message = "m") {
    return fmt::format(R"({{"timestamp":{},"message":"{}"}})", store_.now_ms() - ago_ms, message);
  }
};

TEST_F(LogsTest, NamesAreUniqueAndKnown) {
  EXPECT_EQ(logs_error("CreateLogGroup", R"({"logGroupName":"/g"})"),
            "ResourceAlreadyExistsException: The specified log group already exists");
  EXPECT_EQ(logs_error("CreateLogStream", in_stream()),
            "ResourceAlreadyExistsException: The specified log stream already exists");
  EXPECT_EQ(logs_error("GetLogEvents", R"({"logGroupName":"/x","logStreamName":"s"})"),
            "ResourceNotFoundException: The specified log group does not exist.");
  EXPECT_EQ(logs_error("GetLogEvents", R"({"logGroupName":"/g","logStreamName":"x"})"),
            "ResourceNotFoundException: The specified log stream does not exist.");
}

TEST_F(LogsTest, TheTokenOfTheEndStaysTheSameUntilMoreComes) {
  put("[" + event(5, "a") + "," + event(4, "b") + "]");
  const auto first = logs("GetLogEvents", in_stream(R"(,"startFromHead":true)"));
  EXPECT_EQ(first.at("events").as_array().size(), 2u);
  const std::string token = text(first.at("nextForwardToken"));
  const std::string next = in_stream(R"(,"startFromHead":true,"nextToken":")" + token + "\"");
  EXPECT_EQ(text(logs("GetLogEvents", next).at("nextForwardToken")), token);
  put("[" + event(3, "c") + "]");
  const auto more = logs("GetLogEvents", next);
  ASSERT_EQ(more.at("events").as_array().size(), 1u);
  EXPECT_EQ(text(more.at("events").at(0).at("message")), "c");
  EXPECT_NE(text(more.at("nextForwardToken")), token);
}

TEST_F(LogsTest, WithoutATokenTheNewestCome) {
  put("[" + event(5, "a") + "," + event(4, "b") + "," + event(3, "c") + "]");
  const auto page = logs("GetLogEvents", in_stream(R"(,"limit":2)"));
  ASSERT_EQ(page.at("events").as_array().size(), 2u);
  EXPECT_EQ(text(page.at("events").at(0).at("message")), "b");
  const auto before =
      logs("GetLogEvents", in_stream(R"(,"limit":2,"nextToken":")" + text(page.at("nextBackwardToken")) + "\""));
  ASSERT_EQ(before.at("events").as_array().size(), 1u);
  EXPECT_EQ(text(before.at("events").at(0).at("message")), "a");
}

TEST_F(LogsTest, OnlyGetLeavesTheEndTimeOut) {
  put("[" + event(5) + "," + event(4) + "]");
  const auto end = store_.now_ms() - 4;
  EXPECT_EQ(logs("GetLogEvents", in_stream(fmt::format(R"(,"endTime":{})", end))).at("events").as_array().size(), 1u);
  EXPECT_EQ(logs("FilterLogEvents", fmt::format(R"({{"logGroupName":"/g","endTime":{}}})", end))
                .at("events")
                .as_array()
                .size(),
            2u);
}

TEST_F(LogsTest, ABatchIsInOrder) {
  EXPECT_EQ(logs_error("PutLogEvents", in_stream(R"(,"logEvents":[)" + event(1) + "," + event(2) + "]")),
            "InvalidParameterException: Log events in a single PutLogEvents request must be in "
            "chronological order.");
  EXPECT_NE(logs_error("PutLogEvents", in_stream(R"(,"logEvents":[)" + event(1, "") + "]")), "");
}

TEST_F(LogsTest, UntimelyEventsAreNamedAndDropped) {
  constexpr std::int64_t kDay = 86'400'000;
  const auto old = put("[" + event(15 * kDay) + "]");
  EXPECT_EQ(old.at("rejectedLogEventsInfo").at("tooOldLogEventEndIndex").as_int64(), 1);
  const auto early = put("[" + event(0) + "," + event(-3 * 3'600'000) + "]");
  EXPECT_EQ(early.at("rejectedLogEventsInfo").at("tooNewLogEventStartIndex").as_int64(), 1);
  EXPECT_EQ(logs("GetLogEvents", in_stream()).at("events").as_array().size(), 1u);
}

TEST_F(LogsTest, RetentionTakesListedDaysOnly) {
  EXPECT_NE(logs_error("PutRetentionPolicy", R"({"logGroupName":"/g","retentionInDays":2})"), "");
  logs("PutRetentionPolicy", R"({"logGroupName":"/g","retentionInDays":7})");
  const auto groups = logs("DescribeLogGroups", R"({"logGroupNamePrefix":"/"})");
  EXPECT_EQ(groups.at("logGroups").at(0).at("retentionInDays").as_int64(), 7);
}

TEST_F(LogsTest, StreamsComeInPagesAndByTime) {
  logs("CreateLogStream", R"({"logGroupName":"/g","logStreamName":"a"})");
  put("[" + event(0) + "]");
  const auto first = logs("DescribeLogStreams", R"({"logGroupName":"/g","limit":1})");
  EXPECT_EQ(text(first.at("logStreams").at(0).at("logStreamName")), "a");
  const auto second = logs("DescribeLogStreams",
                           R"({"logGroupName":"/g","limit":1,"nextToken":")" + text(first.at("nextToken")) + "\"}");
  EXPECT_EQ(text(second.at("logStreams").at(0).at("logStreamName")), "s");
  EXPECT_FALSE(second.as_object().contains("nextToken"));
  const auto newest =
      logs("DescribeLogStreams", R"({"logGroupName":"/g","orderBy":"LastEventTime","descending":true})");
  EXPECT_EQ(text(newest.at("logStreams").at(0).at("logStreamName")), "s");
}

TEST_F(LogsTest, DeletingAGroupDeletesItsFiles) {
  put("[" + event(0) + "]");
  logs("DeleteLogGroup", R"({"logGroupName":"/g"})");
  EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/logs"));
}

}  // namespace
}  // namespace sockerless::cloud::logs
