#pragma once

#include <memory>

#include "agent/task/session.h"

namespace sockerless::agent {

// Sends the processes of the task.
std::unique_ptr<TaskSession> open_top(SessionPort& port);

// Answers with what the container uses and is over.
void answer_stats(SessionPort& port);

}  // namespace sockerless::agent
