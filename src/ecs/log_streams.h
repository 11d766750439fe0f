#pragma once

#include <string>

#include "aws/logs.h"
#include "core/backend.h"

namespace sockerless::ecs {

// Makes the log group unless it exists. Returns whether it was made.
Awaitable<bool> ensure_log_group(aws::Logs& logs, std::string group);

// One page of a container's log stream. A stream that does not exist yet is an empty one.
Awaitable<core::LogPage> read_log_page(aws::Logs& logs, std::string group, core::LogQuery query);

}  // namespace sockerless::ecs
