#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/container_config.h"
#include "core/host_config.h"
#include "docker/types/container_view.h"

namespace sockerless::docker {

struct NetworkingConfig {
  std::map<std::string, EndpointView> endpoints;
  static constexpr auto fields() { return std::tuple{json::field("EndpointsConfig", &NetworkingConfig::endpoints)}; }
};

// The members of the body that stand beside those of ContainerConfig.
struct ContainerCreateRequest : core::ContainerConfig {
  core::HostConfig host_config;
  NetworkingConfig networking_config;

  static constexpr auto fields() {
    return std::tuple_cat(core::ContainerConfig::fields(),
                          std::tuple{json::field("HostConfig", &ContainerCreateRequest::host_config),
                                     json::field("NetworkingConfig", &ContainerCreateRequest::networking_config)});
  }
};

struct ContainerCreateResponse {
  std::string id;
  std::vector<std::string> warnings;  // clients iterate over it: [] when empty, never null
  static constexpr auto fields() {
    return std::tuple{json::field("Id", &ContainerCreateResponse::id),
                      json::field("Warnings", &ContainerCreateResponse::warnings)};
  }
};

}  // namespace sockerless::docker
