#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "aws/client.h"
#include "base/json.h"

namespace sockerless::ecs {

// One answer of AWS, or the lack of one, about one container.
struct AwsAnswer {
  std::string at;         // RFC 3339
  std::string container;  // 12 digits of its id
  std::string name;       // the container's, where the request had it
  std::string operation;
  int attempt = 1;
  std::string result;      // "ok", AWS's error code, or "no answer"
  std::string said;        // the task and its status, failures, the error's text
  std::string request_id;  // "" without an answer
  std::int64_t milliseconds = 0;

  static constexpr auto fields() {
    using A = AwsAnswer;
    using json::field;
    return std::tuple{field("at", &A::at),
                      field("container", &A::container),
                      field("name", &A::name),
                      field("operation", &A::operation),
                      field("attempt", &A::attempt),
                      field("result", &A::result),
                      field("said", &A::said),
                      field("request_id", &A::request_id),
                      field("milliseconds", &A::milliseconds)};
  }
};

// Keeps what ECS has answered about containers in a file of the state folder, a line of JSON each, for
// `sockerlessd explain`. Looks at tasks that show nothing new are left out. Of two files of 8 MiB the older goes.
// Lives on the daemon's loop. What cannot be written is lost: nothing depends on it.
class AnswerLog {
 public:
  explicit AnswerLog(const std::string& folder);

  // One attempt of a call; calls that are not about single containers are left out.
  void note(const aws::CallReport& report);

 private:
  struct Known {
    std::string container;
    std::string last;  // what was said of it last
  };

  void note_container(const aws::CallReport& report);
  void note_tasks(const aws::CallReport& report);
  void note_change(const aws::CallReport& report, const std::string& task, std::string said);
  void learn(const std::string& task, std::string_view definition);
  void write(const AwsAnswer& answer);

  std::string path_;
  std::map<std::string, Known> tasks_;  // by ARN, those that may still change; until the container's removal at most
};

// What the folder's files have about a container, the oldest first. `container`: an id of 12 digits or more, or a name.
std::vector<AwsAnswer> answers_about(const std::string& folder, const std::string& container);

// A line for people.
std::string line_of(const AwsAnswer& answer);

}  // namespace sockerless::ecs
