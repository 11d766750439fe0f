#include "drivers/agent_network_driver.h"

#include "agent/protocol/dial.h"
#include "agent/protocol/hosts.h"
#include "drivers/agent_driver.h"

namespace sockerless::drivers {

Awaitable<std::unique_ptr<core::AttachSession>> AgentNetworkDriver::dial(core::Container container,
                                                                         std::uint16_t port) {
  auto session = co_await hub_.open(container.id, {.kind = agent::SessionKind::dial,
                                                   .parameters = encode(agent::DialParameters{.port = port}),
                                                   .standard_in = true,
                                                   .standard_out = true});
  co_return adapt(std::move(session));
}

// What could not stand in the file is left out: an alias may be any text.
Awaitable<std::string> AgentNetworkDriver::set_hosts(core::Container container, std::vector<core::HostsEntry> entries) {
  agent::HostsParameters parameters;
  for (core::HostsEntry& entry : entries) {
    std::erase_if(entry.names, [](const std::string& name) { return !agent::is_hosts_word(name); });
    if (entry.names.empty() || (!entry.address.empty() && !agent::is_hosts_word(entry.address))) continue;
    parameters.lines.push_back({std::move(entry.address), std::move(entry.names)});
  }
  const auto session =
      co_await hub_.open(container.id, {.kind = agent::SessionKind::hosts, .parameters = encode(parameters)});
  co_return session->answer();
}

}  // namespace sockerless::drivers
