#pragma once

#include <memory>
#include <string>

#include "agent/protocol/handshake.h"
#include "base/async.h"
#include "base/clock.h"
#include "http/connection.h"

namespace sockerless::agent {

// Asks the agent for its health, then upgrades a connection to it. Throws Error(unavailable) with the
// cause, after `limit` at the latest. request.host and request.key are filled in.
Awaitable<std::unique_ptr<http::Connection>> connect_to_agent(Clock& clock, std::string host, int port,
                                                              UpgradeRequest request, Clock::Duration limit);

}  // namespace sockerless::agent
