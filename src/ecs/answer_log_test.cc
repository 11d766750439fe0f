#include "ecs/answer_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/temporary_folder.h"

namespace sockerless::ecs {
namespace {

constexpr const char* kId = "0123456789ab";
constexpr const char* kTask = "arn:aws:ecs:us-east-1:1:task/default/t1";
constexpr const char* kDefinition = "arn:aws:ecs:us-east-1:1:task-definition/sockerless-0123456789ab:3";

class AnswerLogTest : public testing::Test {
 protected:
  void ok(std::string_view operation, const std::string& request, const std::string& answer) {
    log_.note({.operation = operation, .request = request, .answer = answer, .result = "ok", .request_id = "r"});
  }

  void register_definition() {
    ok("RegisterTaskDefinition",
       R"({"family":"sockerless-0123456789ab","tags":[{"key":"sockerless-container-name","value":"web"}]})", "{}");
  }

  void run_task() {
    ok("RunTask", std::string(R"({"taskDefinition":")") + kDefinition + R"("})",
       std::string(R"({"tasks":[{"taskArn":")") + kTask + R"("}],"failures":[]})");
  }

  void describe(const std::string& status) {
    ok("DescribeTasks", std::string(R"({"tasks":[")") + kTask + R"("]})",
       std::string(R"({"tasks":[{"taskArn":")") + kTask + R"(","taskDefinitionArn":")" + kDefinition +
           R"(","lastStatus":")" + status + R"(","desiredStatus":"RUNNING"}]})");
  }

  // "OPERATION result said", line by line.
  std::string shown(const std::string& container) {
    std::string text;
    for (const AwsAnswer& answer : answers_about(folder_.path(), container)) {
      text += answer.operation + " " + answer.result + " " + answer.said + "\n";
    }
    return text;
  }

  TemporaryFolder folder_{"sockerless-test-"};
  AnswerLog log_{folder_.path()};
};

TEST_F(AnswerLogTest, HasTheLifeOfATask) {
  register_definition();
  run_task();
  describe("PENDING");
  describe("PENDING");
  describe("RUNNING");
  ok("StopTask", std::string(R"({"task":")") + kTask + R"("})", "{}");
  describe("STOPPED");
  ok("DeregisterTaskDefinition", std::string(R"({"taskDefinition":")") + kDefinition + R"("})", "{}");
  const std::string life = std::string("RegisterTaskDefinition ok \nRunTask ok ") + kTask +
                           "\nDescribeTasks ok PENDING, wanted RUNNING\nDescribeTasks ok RUNNING, wanted RUNNING\n"
                           "StopTask ok " +
                           kTask + "\nDescribeTasks ok STOPPED, wanted RUNNING\nDeregisterTaskDefinition ok \n";
  EXPECT_EQ(shown(kId), life);
  EXPECT_EQ(shown(std::string(kId) + "cdef"), life);
  EXPECT_EQ(shown("web"), life);
  EXPECT_EQ(shown("other"), "");
}

TEST_F(AnswerLogTest, HasErrorsWithTheirAttempts) {
  const std::string request = std::string(R"({"taskDefinition":")") + kDefinition + R"("})";
  log_.note({.operation = "RunTask",
             .request = request,
             .result = "ThrottlingException",
             .text = "Rate exceeded",
             .request_id = "r-1",
             .attempt = 2});
  const auto answers = answers_about(folder_.path(), kId);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].attempt, 2);
  EXPECT_EQ(line_of(answers[0]),
            "1970-01-01T00:00:00Z  RunTask (attempt 2)  ThrottlingException  Rate exceeded  0 ms  request id r-1\n");
}

TEST_F(AnswerLogTest, SaysWhatCouldNotBeDescribed) {
  run_task();
  const std::string request = std::string(R"({"tasks":[")") + kTask + R"("]})";
  log_.note({.operation = "DescribeTasks", .request = request, .result = "no answer", .text = "refused"});
  ok("DescribeTasks", request, std::string(R"({"failures":[{"arn":")") + kTask + R"(","reason":"MISSING"}]})");
  ok("StopTask", std::string(R"({"task":")") + kTask + R"("})", "{}");
  EXPECT_EQ(shown(kId), std::string("RunTask ok ") + kTask +
                            "\nDescribeTasks no answer no answer: refused\nDescribeTasks ok MISSING\nStopTask ok " +
                            kTask + "\n");
}

TEST_F(AnswerLogTest, LeavesOutWhatIsAboutNoContainer) {
  ok("ListTasks", "{}", "{}");
  ok("GetCallerIdentity", "Action=GetCallerIdentity", "<x/>");
  ok("DescribeTasks", R"({"tasks":["t"]})", "no JSON");
  ok("RunTask", R"({"taskDefinition":"arn:aws:ecs:us-east-1:1:task-definition/other:1"})", "{}");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/aws-answers.jsonl"));
}

TEST_F(AnswerLogTest, SurvivesAHalfWrittenLineAndGrowsNoFurtherThanTwoFiles) {
  run_task();
  const std::string path = folder_.path() + "/aws-answers.jsonl";
  std::ofstream(path, std::ios::app) << R"({"at":"20)" << '\n' << std::string(9 * 1024 * 1024, ' ') << '\n';
  EXPECT_EQ(shown(kId), std::string("RunTask ok ") + kTask + "\n");
  register_definition();
  EXPECT_LT(std::filesystem::file_size(path), 1024u);
  EXPECT_EQ(shown(kId), std::string("RunTask ok ") + kTask + "\nRegisterTaskDefinition ok \n");
}

}  // namespace
}  // namespace sockerless::ecs
