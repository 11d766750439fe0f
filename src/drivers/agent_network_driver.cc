#include "drivers/agent_network_driver.h"

#include "agent/protocol/dial.h"
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

}  // namespace sockerless::drivers
