#pragma once

#include <cstdint>

#include "cloud/images/descriptor.h"
#include "cloud/runner/runner.h"

namespace sockerless::cloud {

// A socket that listens on the port of `address`, which the network's interface gets: whoever is on the
// same bridge reaches it, and the host does not. Blocks. Throws std::system_error.
Descriptor listen_in(const Network& network, std::uint32_t address, int port);

}  // namespace sockerless::cloud
