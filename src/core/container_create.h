#pragma once

#include "core/container.h"
#include "core/images.h"

namespace sockerless::core {

bool is_valid_name(std::string_view name);

// What Docker checks of a new container before it does anything. Throws Error(invalid_argument)
// with Docker's sentence.
void validate(const ContainerConfig& config, const HostConfig& host_config);

// The image's configuration below the user's, as `docker run` merges them. Throws
// Error(invalid_argument) if no command is left to run.
ContainerConfig merge(ContainerConfig config, const ImageRecord& image);

// What dockerd fills in where the client says nothing.
HostConfig with_defaults(HostConfig host_config);

// A random name of Docker's shape, "calm_harbor".
std::string generate_name();

}  // namespace sockerless::core
