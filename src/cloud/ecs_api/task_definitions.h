#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cloud/ecs_api/types/task_definition_requests.h"
#include "cloud/front/identity.h"
#include "cloud/state/state_store.h"

namespace sockerless::cloud::ecs {

// Every revision that was ever registered, kept in the store; one that nobody can run any more is
// forgotten at the first start a day later. A revision number is never used again.
class TaskDefinitions {
 public:
  struct Revision {
    TaskDefinition definition;
    std::vector<Tag> tags;

    static constexpr auto fields() {
      return std::tuple{json::field("definition", &Revision::definition), json::field("tags", &Revision::tags)};
    }
  };

  TaskDefinitions(Identity identity, Clock& clock, StateStore& state);

  // Validates, fills what Fargate fills, numbers. Throws ApiError.
  const Revision& add(RegisterTaskDefinitionRequest request);

  // A family (its latest active revision), family:revision or an ARN. Null if there is none.
  const Revision* find(const std::string& reference) const;

  // `reference` names a revision that there is.
  void set_tags(const std::string& reference, std::vector<Tag> tags);

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
  Revision& get(const std::string& reference);
  int next_number(const std::string& family);
  bool is_forgotten(const TaskDefinition& definition) const;
  void save(const Revision& revision);

  Identity identity_;
  Clock& clock_;
  StateStore& state_;
  std::map<std::string, int> last_numbers_;  // of each family, also when the revision is forgotten
  std::map<std::string, std::map<int, Revision>> families_;
};

}  // namespace sockerless::cloud::ecs
