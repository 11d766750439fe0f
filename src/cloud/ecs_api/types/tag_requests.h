#pragma once

#include <string>
#include <vector>

#include "cloud/ecs_api/types/container_parts.h"

namespace sockerless::cloud::ecs {

struct TagResourceRequest {
  std::string resource_arn;
  std::vector<Tag> tags;

  static constexpr auto fields() {
    return std::tuple{json::field("resourceArn", &TagResourceRequest::resource_arn),
                      json::field("tags", &TagResourceRequest::tags)};
  }
};

struct UntagResourceRequest {
  std::string resource_arn;
  std::vector<std::string> tag_keys;

  static constexpr auto fields() {
    return std::tuple{json::field("resourceArn", &UntagResourceRequest::resource_arn),
                      json::field("tagKeys", &UntagResourceRequest::tag_keys)};
  }
};

struct ListTagsResponse {
  std::vector<Tag> tags;

  static constexpr auto fields() { return std::tuple{json::field("tags", &ListTagsResponse::tags)}; }
};

}  // namespace sockerless::cloud::ecs
