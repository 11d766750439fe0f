#pragma once

#include <optional>
#include <string>

// The environment of this process. Nothing else reads it, so that tests can put another in its place.
namespace sockerless::config {

// nullptr if the variable is not set: what Options::load takes.
const char* environment(const char* name);

std::optional<std::string> environment_variable(const std::string& name);

}  // namespace sockerless::config
