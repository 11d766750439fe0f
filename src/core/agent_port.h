#pragma once

namespace sockerless::core {

// Where the agent of a task listens in forward mode (specification, "Agent"); no container may have
// this TCP port for itself.
inline constexpr int kAgentPort = 9111;

}  // namespace sockerless::core
