#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cloud/ecs_api/types/task_definition_requests.h"
#include "cloud/front/identity.h"

namespace sockerless::cloud::ecs {

// Every revision that was ever registered, in memory. A revision number is never used again.
class TaskDefinitions {
 public:
  struct Revision {
    TaskDefinition definition;
    std::vector<Tag> tags;
  };

  TaskDefinitions(Identity identity, Clock& clock) : identity_(std::move(identity)), clock_(clock) {}

  // Validates, fills what Fargate fills, numbers. Throws ApiError.
  const Revision& add(RegisterTaskDefinitionRequest request);

  // A family (its latest active revision), family:revision or an ARN. Null if there is none.
  Revision* find(const std::string& reference);

  // Throws ApiError(ClientException). Needs a revision, not just a family.
  const TaskDefinition& deregister(const std::string& reference);

  // A revision that is inactive is marked for deletion; it can still be described, and its number
  // stays used. Throws ApiError(ClientException) for any other.
  const TaskDefinition& request_deletion(const std::string& reference);

  // family → revisions in the order of their numbers.
  const std::map<std::string, std::map<int, Revision>>& all() const { return families_; }

 private:
  struct Name {
    std::string family;
    int revision = 0;  // 0: none given
  };
  Name parse(std::string reference) const;

  Identity identity_;
  Clock& clock_;
  std::map<std::string, std::map<int, Revision>> families_;
};

}  // namespace sockerless::cloud::ecs
