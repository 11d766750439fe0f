#pragma once

#include <string>
#include <vector>

#include "core/container.h"

namespace sockerless::publish {

// A port of a container that is to be reachable on this host.
struct PortRequest {
  std::string container_port;  // "80/tcp"
  int number = 0;              // of it
  std::string host_ip;         // empty: all addresses, of both protocol versions
  int first = 0;               // of the host's ports, to be tried up to `last`; 0: any free one
  int last = 0;
};

// What --publish and --publish-all ask for, of TCP; other protocols are not carried.
std::vector<PortRequest> port_requests(const core::Container& container);

}  // namespace sockerless::publish
