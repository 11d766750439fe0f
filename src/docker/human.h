#pragma once

#include <chrono>
#include <string>

#include "base/time.h"
#include "core/container.h"

namespace sockerless::docker {

// "Less than a second", "5 minutes", "About an hour": go-units' HumanDuration.
std::string human_duration(std::chrono::nanoseconds duration);

// The STATUS column of `docker ps`: "Up 2 seconds", "Exited (137) 3 minutes ago", "Created".
std::string human_status(const core::State& state, Time now);

}  // namespace sockerless::docker
