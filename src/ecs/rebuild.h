#pragma once

#include <optional>

#include "aws/ecs_task.h"
#include "aws/ecs_task_definition.h"
#include "core/container.h"

namespace sockerless::ecs {

// The container that a task runs, as far as the task and its definition tell: the way back from
// plan_task_definition() and plan_run_task(). Its one launch is the task. Nothing if the task was not
// made by this program, or has no name or token of its container.
std::optional<core::Container> rebuild_container(const aws::Task& task, const aws::TaskDefinition& definition);

}  // namespace sockerless::ecs
