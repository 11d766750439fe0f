#pragma once

#include <string>
#include <vector>

#include "aws/ecs.h"
#include "ecs/settings.h"

namespace sockerless::ecs {

// The life of a task as ECS tells it, for people: a line for every moment that it names, in order,
// then the state, the containers, and why it stopped with the remedy.
std::string timeline_of(const aws::Task& task);

// Every task that ECS still shows of a container, the oldest first. `container`: an id of 12 digits
// or more, or a name.
Awaitable<std::vector<aws::Task>> tasks_of(aws::Ecs& ecs, FargateSettings settings, std::string container);

}  // namespace sockerless::ecs
