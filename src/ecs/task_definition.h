#pragma once

#include <string>
#include <vector>

#include "aws/ecs_run_task.h"
#include "aws/ecs_task_definition.h"
#include "core/container.h"
#include "ecs/settings.h"

namespace sockerless::ecs {

struct TaskDefinitionPlan {
  aws::RegisterTaskDefinitionRequest request;
  std::vector<std::string> warnings;  // where Fargate gives something else than was asked for
};

// The task definition of a container, as the specification's rows for create have it: a pure
// function. Throws Error(invalid_argument) for what Fargate cannot run at all.
TaskDefinitionPlan plan_task_definition(const core::Container& container, const FargateSettings& settings);

// The RunTask request of a launch, on the given capacity; spot_fallback asks for Spot.
aws::RunTaskRequest plan_run_task(const core::Container& container, const core::Launch& launch,
                                  const FargateSettings& settings, Capacity capacity);

// "{id[:12]}/main/{task id}", the stream that awslogs writes.
std::string log_stream_of(const std::string& container_id, const std::string& task_arn);

}  // namespace sockerless::ecs
