#pragma once

#include <string>
#include <string_view>

#include "cloud/runner/address.h"

namespace sockerless::cloud {

// The bridge that a cloud's tasks are connected to, with the gateway's address on it. A bridge of
// the same name that an earlier process left, with all its ports, is replaced; those whose cloud's
// folder does not exist any more are removed, since nobody else will. Blocks. Throws Error,
// std::system_error.
class Bridge {
 public:
  // `folder` is the cloud's; a file in it remembers the subnet, so that addresses survive a restart.
  // `wanted` is a subnet or "auto", the first /24 of 10.213.0.0/16 that this machine does not use.
  Bridge(const std::string& folder, const std::string& wanted);

  // With all its ports.
  void remove();

  const std::string& name() const { return name_; }
  int index() const { return index_; }
  const Subnet& subnet() const { return subnet_; }
  std::uint32_t gateway() const { return subnet_.address + 1; }

 private:
  std::string name_;
  int index_ = 0;
  Subnet subnet_;
};

// The cloud's part of all names on this machine: 8 characters, from its folder.
std::string short_name(const std::string& folder);

std::string bridge_name(const std::string& short_name);

// True for the name of a bridge of any cloud.
bool is_bridge_name(std::string_view name);

// Docker's rule: the same address always has the same hardware address.
std::string mac_address_of(std::uint32_t address);

}  // namespace sockerless::cloud
