#pragma once

#include <string>
#include <string_view>

#include "agent/protocol/hosts.h"
#include "agent/task/session.h"

namespace sockerless::agent {

// The file with the block that is the daemon's put in place of the one that it has. `own_address` stands in for lines
// without an address; those are left out if it is empty.
std::string with_hosts_block(std::string_view file, const HostsParameters& parameters, std::string_view own_address);

// The task's IPv4 address: of the first interface that is neither the loopback nor link-local, where Fargate has its
// metadata. Empty if there is none.
std::string own_address();

// Rewrites /etc/hosts, answers with the task's address and is over.
void answer_hosts(SessionPort& port, const HostsParameters& parameters);

}  // namespace sockerless::agent
