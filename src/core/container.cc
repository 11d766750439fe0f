#include "core/container.h"

namespace sockerless::core {

void read(const json::Value& value, Words& out, const json::Path& path) {
  if (value.is_string()) {
    out = {std::string(value.get_string().data(), value.get_string().size())};
    return;
  }
  json::read(value, static_cast<std::vector<std::string>&>(out), path);
}

std::string_view docker_status(Status status) {
  switch (status) {
    case Status::created:
    case Status::starting: return "created";
    case Status::running: return "running";
    case Status::exited: return "exited";
    case Status::removing: return "removing";
  }
  return "dead";
}

}  // namespace sockerless::core
