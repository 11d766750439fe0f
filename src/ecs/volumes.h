#pragma once

#include <vector>

#include "aws/ecs_task_definition.h"
#include "core/container.h"

namespace sockerless::ecs {

// The task volumes and mount points that a container's mounts and tmpfs become: on Fargate each is an
// empty folder of the task's life.
struct TaskVolumes {
  std::vector<aws::Volume> volumes;
  std::vector<aws::MountPoint> mount_points;
};

TaskVolumes task_volumes(const core::Container& container);

}  // namespace sockerless::ecs
