#pragma once

#include <string>
#include <vector>

#include "cloud/ecs_api/types/task_requests.h"

namespace sockerless::cloud::ecs {

// The capacity provider of each task that is asked for; "" for the Fargate launch type. Of a strategy,
// the base comes first, and what is left is shared by weight. Throws ApiError(InvalidParameterException).
std::vector<std::string> choose_providers(const RunTaskRequest& request, const Cluster& cluster);

}  // namespace sockerless::cloud::ecs
