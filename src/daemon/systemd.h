#pragma once

#include <string_view>

// The daemon's side of systemd: sd_notify(3) and sd_listen_fds(3), both of which are a few words
// over a socket and an environment variable.
namespace sockerless::daemon {

// Tells the service manager, if there is one: "READY=1", "STOPPING=1", "RELOADING=1".
void notify_service_manager(std::string_view state);

// How many listening sockets this process was given, from descriptor 3 on. Theirs are the addresses
// fd://3, fd://4 and so on.
int inherited_sockets();

}  // namespace sockerless::daemon
