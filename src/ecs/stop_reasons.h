#pragma once

#include <string>

#include "aws/api_error.h"
#include "aws/ecs_task.h"

namespace sockerless::ecs {

// Why a task stopped, for the person who started the container: AWS's own words, whole, and the
// remedy where the cause is known.
std::string explain_stop(const aws::Task& task);

// The same for what RunTask could not place.
std::string explain_failure(const aws::Failure& failure);

// The same for what AWS refused.
Error explain_refusal(const aws::ApiError& error);

bool ran_out_of_memory(const aws::Task& task);

}  // namespace sockerless::ecs
