#include "cloud/tasks/task_role.h"

#include <fmt/format.h>

#include "base/sha256.h"

namespace sockerless::cloud {

std::string role_of(const ecs::Task& task, const ecs::TaskDefinition& definition) {
  const std::string& given = task.overrides.task_role_arn;
  return given.empty() ? definition.task_role_arn : given;
}

std::string credentials_id(const std::string& task_id) {
  const std::string digits = sha256_hex("credentials of task " + task_id);
  return fmt::format("{}-{}-4{}-a{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 3),
                     digits.substr(15, 3), digits.substr(18, 12));
}

}  // namespace sockerless::cloud
