#include "core/errors.h"

#include <fmt/format.h>

namespace sockerless::core {

Error no_such_container(std::string_view reference) {
  return {ErrorKind::not_found, fmt::format("No such container: {}", reference)};
}

Error ambiguous_prefix(std::string_view prefix) {
  return {ErrorKind::invalid_argument, fmt::format("multiple IDs found with provided prefix: {}", prefix)};
}

Error no_such_image(std::string_view reference) {
  return {ErrorKind::not_found, fmt::format("No such image: {}", reference)};
}

Error already_in_that_state() { return {ErrorKind::not_modified, "already in that state"}; }

Error not_running(std::string_view container_id) {
  return {ErrorKind::conflict, fmt::format("container {} is not running", container_id)};
}

Error name_in_use(std::string_view name, std::string_view owner_id) {
  return {ErrorKind::conflict, fmt::format("Conflict. The container name \"/{}\" is already in use by container "
                                           "\"{}\". You have to remove (or rename) that container to be able to "
                                           "reuse that name.",
                                           name, owner_id)};
}

Error bad_container_name(std::string_view name) {
  return {ErrorKind::invalid_argument,
          fmt::format("Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", name)};
}

Error container_is_running(std::string_view reference) {
  return {ErrorKind::conflict, fmt::format("cannot remove container \"{}\": container is running: stop the container "
                                           "before removing or force remove",
                                           reference)};
}

Error container_is_restarting_for_removal(std::string_view reference) {
  return {ErrorKind::conflict, fmt::format("cannot remove container \"{}\": container is restarting: stop the "
                                           "container before removing or force remove",
                                           reference)};
}

Error container_is_restarting(std::string_view reference) {
  return {ErrorKind::conflict,
          fmt::format("container {} is restarting, wait until the container is running", reference)};
}

Error removal_in_progress(std::string_view reference) {
  return {ErrorKind::conflict, fmt::format("removal of container {} is already in progress", reference)};
}

// The CLI chooses the exit codes 126 and 127 by the end of this text.
Error runtime_refused(std::string_view text) {
  return {ErrorKind::invalid_argument,
          fmt::format("failed to create task for container: failed to create shim task: OCI "
                      "runtime create failed: runc create failed: unable to start container "
                      "process: {}",
                      text)};
}

}  // namespace sockerless::core
