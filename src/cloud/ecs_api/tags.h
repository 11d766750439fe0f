#pragma once

#include <string>
#include <vector>

#include "cloud/ecs_api/types/container_parts.h"

namespace sockerless::cloud::ecs {

// At most 50, keys unique and not beginning with "aws:", sizes and characters as AWS allows them.
// Throws ApiError(InvalidParameterException).
void validate_tags(const std::vector<Tag>& tags);

// Adds or replaces by key.
void merge_tags(std::vector<Tag>& into, const std::vector<Tag>& tags);
void remove_tags(std::vector<Tag>& from, const std::vector<std::string>& keys);

}  // namespace sockerless::cloud::ecs
