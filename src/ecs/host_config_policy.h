#pragma once

#include <string>
#include <vector>

#include "core/host_config.h"

namespace sockerless::ecs {

// What becomes of a field of HostConfig: every one has its row.
struct HostConfigField {
  enum class Treatment { honoured, warned, refused };

  const char* field;
  Treatment treatment;
  const char* what;  // happens, or is missing
};

std::vector<HostConfigField> host_config_fields();

// What Fargate cannot do for a HostConfig: never passed over in silence. Throws
// Error(invalid_argument) for what would make the container something else than was asked for, and
// returns a named warning for what is left out.
std::vector<std::string> check_host_config(const core::HostConfig& host_config);

}  // namespace sockerless::ecs
