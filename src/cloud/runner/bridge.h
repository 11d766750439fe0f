#pragma once

#include <string>

#include "cloud/runner/address.h"

namespace sockerless::cloud {

// The bridge that a cloud's tasks are connected to, with the gateway's address on it. A bridge of
// the same name that an earlier process left, with all its ports, is replaced. Blocks. Throws
// Error, std::system_error.
class Bridge {
 public:
  // `wanted` is a subnet or "auto", the first /24 of 10.213.0.0/16 that this machine does not use.
  // `record` is a file that remembers the choice, so that addresses survive a restart.
  Bridge(std::string name, const std::string& wanted, const std::string& record);

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

// Docker's rule: the same address always has the same hardware address.
std::string mac_address_of(std::uint32_t address);

}  // namespace sockerless::cloud
