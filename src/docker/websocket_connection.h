#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/connection.h"
#include "http/exchange.h"

namespace sockerless::docker {

// The answer to a request that asks to become a WebSocket (RFC 6455); nothing if it does not.
std::optional<std::string> websocket_upgrade_head(const http::Exchange& exchange);

// The stream inside a WebSocket: what the client's messages carry, whatever their type, one behind the
// other; what is written leaves as binary messages. Pings are answered while it is read.
std::unique_ptr<http::Connection> websocket_connection(std::unique_ptr<http::Connection> connection);

}  // namespace sockerless::docker
