#include "publish/port_requests.h"

#include <algorithm>
#include <charconv>

namespace sockerless::publish {
namespace {

int number_in(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool is_tcp(const std::string& port) { return port.find('/') == std::string::npos || port.ends_with("/tcp"); }

PortRequest request_of(const std::string& port, const core::PortBinding& binding) {
  PortRequest request{.container_port = port, .number = number_in(port), .host_ip = binding.host_ip};
  const std::string& wanted = binding.host_port;
  const auto dash = std::min(wanted.find('-'), wanted.size());
  request.first = number_in(std::string_view(wanted).substr(0, dash));
  request.last = dash < wanted.size() ? number_in(std::string_view(wanted).substr(dash + 1)) : request.first;
  return request;
}

}  // namespace

std::vector<PortRequest> port_requests(const core::Container& container) {
  std::vector<PortRequest> requests;
  const auto& asked = container.host_config.port_bindings;
  for (const auto& [port, bindings] : asked) {
    if (!is_tcp(port)) continue;
    // `-p 80` without a host port is one binding of nothing.
    if (bindings.empty()) requests.push_back(request_of(port, {}));
    for (const core::PortBinding& binding : bindings) requests.push_back(request_of(port, binding));
  }
  if (!container.host_config.publish_all_ports) return requests;
  for (const auto& [port, nothing] : container.config.exposed_ports) {
    if (is_tcp(port) && !asked.contains(port)) requests.push_back(request_of(port, {}));
  }
  return requests;
}

}  // namespace sockerless::publish
