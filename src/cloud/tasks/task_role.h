#pragma once

#include <string>

#include "cloud/ecs_api/types/task.h"

namespace sockerless::cloud {

// Where a task finds its metadata and the credentials of its role, as on Fargate.
inline constexpr const char* kTaskServicesAddress = "169.254.170.2";

// The role that the task's programs have; "" for none.
std::string role_of(const ecs::Task& task, const ecs::TaskDefinition& definition);

// What stands behind /v2/credentials/ for the task: a UUID that is always the same for the task, so that
// it survives a restart of the cloud.
std::string credentials_id(const std::string& task_id);

}  // namespace sockerless::cloud
