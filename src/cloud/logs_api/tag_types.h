#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/json.h"

namespace sockerless::cloud::logs {

// By the ARN in the calls of today, by the group's name in the older ones.
struct TagRequest {
  std::string arn;
  std::string group;
  std::map<std::string, std::string> tags;

  static constexpr auto fields() {
    return std::tuple{json::field("resourceArn", &TagRequest::arn), json::field("logGroupName", &TagRequest::group),
                      json::field("tags", &TagRequest::tags)};
  }
};

struct UntagRequest {
  std::string arn;
  std::vector<std::string> keys;

  static constexpr auto fields() {
    return std::tuple{json::field("resourceArn", &UntagRequest::arn), json::field("tagKeys", &UntagRequest::keys)};
  }
};

struct UntagGroupRequest {
  std::string group;
  std::vector<std::string> keys;

  static constexpr auto fields() {
    return std::tuple{json::field("logGroupName", &UntagGroupRequest::group),
                      json::field("tags", &UntagGroupRequest::keys)};
  }
};

struct TagsResponse {
  std::map<std::string, std::string> tags;

  static constexpr auto fields() { return std::tuple{json::field("tags", &TagsResponse::tags)}; }
};

// As AWS limits tags. Throws ApiError(InvalidParameterException).
void check_tags(const std::map<std::string, std::string>& tags);

}  // namespace sockerless::cloud::logs
