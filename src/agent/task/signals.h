#pragma once

#include <csignal>
#include <optional>
#include <string_view>

namespace sockerless::agent {

// A signal by number ("15") or by name ("SIGTERM", "term", "RTMIN+3").
std::optional<int> parse_signal(std::string_view text);

// The signals that the agent takes by signalfd: all but those that report a fault of its own.
sigset_t handled_signals();

}  // namespace sockerless::agent
