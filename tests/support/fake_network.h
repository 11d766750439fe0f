#pragma once

#include <map>
#include <string>

#include "core/network_driver.h"

namespace sockerless::test {

// Keeps what was written to each container's /etc/hosts; its tasks have the addresses 10.9.0.1, 10.9.0.2, ….
class FakeNetwork final : public core::NetworkDriver {
 public:
  bool serves(const core::Container&) const override { return true; }
  Awaitable<std::unique_ptr<core::AttachSession>> dial(core::Container, std::uint16_t) override {
    throw Error(ErrorKind::conflict, "connection refused");
  }
  Awaitable<std::string> set_hosts(core::Container container, std::vector<core::HostsEntry> entries) override {
    if (failure) throw Error(*failure);
    const auto number = addresses.size() + 1;
    std::string& address = addresses[container.id];
    if (address.empty()) address = "10.9.0." + std::to_string(number);
    std::string& text = hosts[container.name];
    text.clear();
    for (const core::HostsEntry& entry : entries) {
      text += entry.address.empty() ? "own" : entry.address;
      for (const std::string& name : entry.names) text += " " + name;
      text += "\n";
    }
    co_return address;
  }

  std::map<std::string, std::string> hosts;      // by container name
  std::map<std::string, std::string> addresses;  // by container id
  std::optional<Error> failure;
};

}  // namespace sockerless::test
