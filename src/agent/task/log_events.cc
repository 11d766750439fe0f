#include "agent/task/log_events.h"

#include <algorithm>

namespace sockerless::agent {

void LogEventCounter::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    line_ += std::min(newline, bytes.size());
    // The driver logs a full buffer before it looks for the newline behind it.
    events_ += line_ / kMaxEvent;
    line_ %= kMaxEvent;
    if (newline == std::string_view::npos) return;
    if (line_ > 0) ++events_;
    line_ = 0;
    bytes.remove_prefix(newline + 1);
  }
}

}  // namespace sockerless::agent
