#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "cloud/metadata/types.h"
#include "cloud/tasks/task_run.h"

// A task as the metadata endpoint shows it.
namespace sockerless::cloud::metadata {

Container view_of(const TaskRun& run, const TaskRun::ContainerRun& container);

// `now` is the reference of the clock's drift.
Task view_of(const TaskRun& run, Time now);

}  // namespace sockerless::cloud::metadata
