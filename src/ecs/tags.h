#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/ecs_task_definition.h"

// The tags that say whose a task or a definition is, and the names that go with them.
namespace sockerless::ecs {

inline constexpr std::string_view kManagedTag = "sockerless-managed";
inline constexpr std::string_view kInstanceTag = "sockerless-instance";
inline constexpr std::string_view kContainerIdTag = "sockerless-container-id";
inline constexpr std::string_view kContainerNameTag = "sockerless-container-name";
inline constexpr std::string_view kFamilyPrefix = "sockerless-";

// "" if there is no such tag.
inline std::string tag_value(const std::vector<aws::Tag>& tags, std::string_view key) {
  for (const aws::Tag& tag : tags) {
    if (tag.key == key) return tag.value;
  }
  return "";
}

// The family of a container's task definitions.
inline std::string family_of(const std::string& container_id) {
  return std::string(kFamilyPrefix) + container_id.substr(0, 12);
}

}  // namespace sockerless::ecs
