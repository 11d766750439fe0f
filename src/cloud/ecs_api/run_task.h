#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cloud/ecs_api/types/task_requests.h"
#include "cloud/state/state_store.h"

namespace sockerless::cloud::ecs {

struct EcsApi;

// What RunTask has already done under a client token: the same call again gets the same tasks, a
// different one is a conflict. A token is good for a day, at least while its tasks are known, also
// after a restart.
class ClientTokens {
 public:
  struct Launch {
    std::string request;  // as text, to tell a repetition from another call
    std::vector<std::string> task_ids;
    std::vector<std::string> task_arns;
    std::vector<Failure> failures;
    double at = 0;  // seconds since the epoch

    static constexpr auto fields() {
      using Self = Launch;
      return std::tuple{json::field("request", &Self::request), json::field("taskIds", &Self::task_ids),
                        json::field("taskArns", &Self::task_arns), json::field("failures", &Self::failures),
                        json::field("at", &Self::at)};
    }
  };

  ClientTokens(Clock& clock, StateStore& state);

  // Null for an unknown token. Throws ApiError(ConflictException) if it was another request.
  const Launch* find(const std::string& cluster_arn, const std::string& token, const std::string& request);
  void remember(const std::string& cluster_arn, const std::string& token, Launch launch);

 private:
  Clock& clock_;
  StateStore& state_;
  std::map<std::string, Launch> by_token_;
};

// Throws ApiError.
TasksResponse run_task(EcsApi& api, RunTaskRequest request);

}  // namespace sockerless::cloud::ecs
