#include "config/environment.h"

#include <cstdlib>

namespace sockerless::config {

const char* environment(const char* name) { return std::getenv(name); }

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = environment(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace sockerless::config
