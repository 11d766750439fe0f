#pragma once

#include <memory>

#include "agent/hub/hub.h"
#include "http/server.h"

namespace sockerless::daemon {

// Where agents call: serves nothing but their connection, and is the only listener that does.
http::Handler callback_handler(agent::Hub& hub);

}  // namespace sockerless::daemon
