#include "ecs/answer_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "aws/ecs.h"
#include "base/time.h"
#include "ecs/tags.h"

namespace sockerless::ecs {
namespace {

constexpr std::size_t kShortId = 12;
constexpr std::uintmax_t kMostBytes = 8 * 1024 * 1024;  // of one file
constexpr std::string_view kHexadecimal = "0123456789abcdef";
constexpr const char* kFile = "/aws-answers.jsonl";
constexpr const char* kOlder = ".1";

// The container whose task definition the text is or names: "…/sockerless-0123456789ab:1". "" if there is none.
std::string container_in(std::string_view definition) {
  const auto slash = definition.rfind('/');
  if (slash != std::string_view::npos) definition.remove_prefix(slash + 1);
  if (!definition.starts_with(kFamilyPrefix)) return "";
  definition.remove_prefix(kFamilyPrefix.size());
  const std::string_view id = definition.substr(0, definition.find(':'));
  const bool is_id = id.size() == kShortId && id.find_first_not_of(kHexadecimal) == std::string_view::npos;
  return is_id ? std::string(id) : "";
}

// The parts of requests that say which container they are about.
struct Subject {
  std::string family;           // RegisterTaskDefinition
  std::string task_definition;  // RunTask, DeregisterTaskDefinition
  std::string task;             // StopTask
  std::vector<std::string> tasks;
  std::vector<aws::Tag> tags;

  static constexpr auto fields() {
    using aws::member;
    return std::tuple{member("family", &Subject::family), member("taskDefinition", &Subject::task_definition),
                      member("task", &Subject::task), member("tasks", &Subject::tasks), member("tags", &Subject::tags)};
  }
};

std::string status_of(const aws::Task& task) {
  std::string text = fmt::format("{}, wanted {}", task.last_status, task.desired_status);
  if (!task.stop_code.empty()) text += ", " + task.stop_code;
  if (!task.stopped_reason.empty()) text += ": " + task.stopped_reason;
  return text;
}

AwsAnswer answer_of(const aws::CallReport& report, std::string container, std::string said) {
  return {.at = format_rfc3339_nano(report.at),
          .container = std::move(container),
          .operation = std::string(report.operation),
          .attempt = report.attempt,
          .result = std::string(report.result),
          .said = std::move(said),
          .request_id = std::string(report.request_id),
          .milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(report.took).count()};
}

void read_file(const std::string& path, std::vector<AwsAnswer>& into) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    try {
      into.push_back(json::parse<AwsAnswer>(line));
    } catch (const Error&) {
      continue;  // the daemon was ended in the middle of the line
    }
  }
}

}  // namespace

AnswerLog::AnswerLog(const std::string& folder) : path_(folder + kFile) {}

void AnswerLog::note(const aws::CallReport& report) {
  try {
    if (report.operation == "DescribeTasks") {
      note_tasks(report);
    } else {
      note_container(report);
    }
  } catch (const Error&) {
    return;  // an answer that is no JSON: whoever called reports it
  }
}

void AnswerLog::note_container(const aws::CallReport& report) {
  const bool is_about_one = report.operation == "RegisterTaskDefinition" || report.operation == "RunTask" ||
                            report.operation == "StopTask" || report.operation == "DeregisterTaskDefinition";
  if (!is_about_one) return;
  const auto subject = json::parse<Subject>(report.request);
  std::string container = container_in(subject.family.empty() ? subject.task_definition : subject.family);
  if (!subject.task.empty()) {
    const auto known = tasks_.find(subject.task);
    container = known == tasks_.end() ? "" : known->second.container;
  }
  if (container.empty()) return;
  AwsAnswer answer = answer_of(report, std::move(container), std::string(report.text));
  answer.name = tag_value(subject.tags, kContainerNameTag);
  if (report.operation == "StopTask") answer.said = subject.task + (answer.said.empty() ? "" : ": " + answer.said);
  if (report.operation == "RunTask" && report.result == "ok") {
    const auto response = json::parse<aws::RunTaskResponse>(report.answer);
    for (const aws::Task& task : response.tasks) {
      answer.said = task.task_arn;
      tasks_[task.task_arn] = {answer.container, ""};
    }
    for (const aws::Failure& failure : response.failures) answer.said += fmt::format("failed: {}", failure.reason);
  }
  if (report.operation == "DeregisterTaskDefinition") {
    std::erase_if(tasks_, [&](const auto& item) { return item.second.container == answer.container; });
  }
  write(answer);
}

void AnswerLog::note_tasks(const aws::CallReport& report) {
  if (report.result != "ok") {
    const auto subject = json::parse<Subject>(report.request);
    for (const std::string& task : subject.tasks)
      note_change(report, task, fmt::format("{}: {}", report.result, report.text));
    return;
  }
  const auto response = json::parse<aws::DescribeTasksResponse>(report.answer);
  for (const aws::Task& task : response.tasks) {
    learn(task.task_arn, task.task_definition_arn);
    note_change(report, task.task_arn, status_of(task));
    if (task.last_status == "STOPPED") tasks_.erase(task.task_arn);
  }
  for (const aws::Failure& failure : response.failures) note_change(report, failure.arn, failure.reason);
}

void AnswerLog::learn(const std::string& task, std::string_view definition) {
  if (tasks_.contains(task)) return;
  std::string container = container_in(definition);
  if (!container.empty()) tasks_[task] = {std::move(container), ""};
}

void AnswerLog::note_change(const aws::CallReport& report, const std::string& task, std::string said) {
  const auto known = tasks_.find(task);
  if (known == tasks_.end() || known->second.last == said) return;
  known->second.last = said;
  write(answer_of(report, known->second.container, std::move(said)));
}

void AnswerLog::write(const AwsAnswer& answer) {
  std::error_code ignored;
  if (std::filesystem::file_size(path_, ignored) > kMostBytes && !ignored) {
    std::filesystem::rename(path_, path_ + kOlder, ignored);
  }
  std::ofstream(path_, std::ios::app) << json::to_text(answer) << '\n';
}

std::vector<AwsAnswer> answers_about(const std::string& folder, const std::string& container) {
  std::vector<AwsAnswer> answers;
  read_file(folder + kFile + kOlder, answers);
  read_file(folder + kFile, answers);
  // A name may have been used again: the newest container's counts.
  std::string id = container.substr(0, kShortId);
  for (const AwsAnswer& answer : answers) {
    if (answer.name == container) id = answer.container;
  }
  std::erase_if(answers, [&](const AwsAnswer& answer) { return answer.container != id; });
  return answers;
}

std::string line_of(const AwsAnswer& answer) {
  return fmt::format("{}  {}{}  {}{}  {} ms{}\n", answer.at, answer.operation,
                     answer.attempt == 1 ? "" : fmt::format(" (attempt {})", answer.attempt), answer.result,
                     answer.said.empty() ? "" : "  " + answer.said, answer.milliseconds,
                     answer.request_id.empty() ? "" : "  request id " + answer.request_id);
}

}  // namespace sockerless::ecs
