#pragma once

#include <map>
#include <string>

#include "docker/api.h"
#include "docker/types/container_view.h"

namespace sockerless::docker {

// Says how large the container is: the image as its registry stores it, and what has been measured of its files.
void add_size(ApiServices& services, const std::map<std::string, std::int64_t>& measured, ContainerSummary& row);

}  // namespace sockerless::docker
