#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloud/ecs_api/types/cluster.h"
#include "cloud/ecs_api/types/task_definition.h"

namespace sockerless::cloud::ecs {

struct RegisterTaskDefinitionRequest : TaskDefinition {
  std::vector<Tag> tags;

  static constexpr auto fields() {
    return std::tuple_cat(TaskDefinition::fields(),
                          std::tuple{json::field("tags", &RegisterTaskDefinitionRequest::tags)});
  }
};

struct TaskDefinitionResponse {
  TaskDefinition definition;
  std::vector<Tag> tags;

  static constexpr auto fields() {
    return std::tuple{json::field("taskDefinition", &TaskDefinitionResponse::definition),
                      json::field("tags", &TaskDefinitionResponse::tags, kOmit)};
  }
};

struct TaskDefinitionRequest {
  std::string task_definition;
  std::vector<std::string> include;

  static constexpr auto fields() {
    return std::tuple{json::field("taskDefinition", &TaskDefinitionRequest::task_definition),
                      json::field("include", &TaskDefinitionRequest::include)};
  }
};

struct DeleteTaskDefinitionsRequest {
  std::vector<std::string> task_definitions;

  static constexpr auto fields() {
    return std::tuple{json::field("taskDefinitions", &DeleteTaskDefinitionsRequest::task_definitions)};
  }
};

struct DeleteTaskDefinitionsResponse {
  std::vector<TaskDefinition> definitions;
  std::vector<Failure> failures;

  static constexpr auto fields() {
    return std::tuple{json::field("taskDefinitions", &DeleteTaskDefinitionsResponse::definitions),
                      json::field("failures", &DeleteTaskDefinitionsResponse::failures)};
  }
};

struct ListTaskDefinitionsRequest {
  std::string family_prefix;
  std::string status;
  std::string sort;
  std::optional<int> max_results;
  std::string next_token;

  static constexpr auto fields() {
    using Self = ListTaskDefinitionsRequest;
    return std::tuple{json::field("familyPrefix", &Self::family_prefix), json::field("status", &Self::status),
                      json::field("sort", &Self::sort), json::field("maxResults", &Self::max_results),
                      json::field("nextToken", &Self::next_token)};
  }
};

struct ListTaskDefinitionsResponse {
  std::vector<std::string> arns;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{json::field("taskDefinitionArns", &ListTaskDefinitionsResponse::arns),
                      json::field("nextToken", &ListTaskDefinitionsResponse::next_token, kOmit)};
  }
};

struct ListFamiliesResponse {
  std::vector<std::string> families;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{json::field("families", &ListFamiliesResponse::families),
                      json::field("nextToken", &ListFamiliesResponse::next_token, kOmit)};
  }
};

}  // namespace sockerless::cloud::ecs
