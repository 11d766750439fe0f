#pragma once

#include <string>
#include <thread>

#include "cloud/runner/address.h"

namespace sockerless::cloud {

// Lets tasks reach what the host reaches: forwarding and address translation by iptables or nft,
// if this machine has one of them and a default route. Best effort: without it tasks reach the host
// and each other. The rules are made in a thread, as that takes tens of milliseconds, and are
// removed at the end.
class Masquerade {
 public:
  Masquerade(std::string bridge, Subnet subnet);
  ~Masquerade();
  Masquerade(const Masquerade&) = delete;
  Masquerade& operator=(const Masquerade&) = delete;

 private:
  void enable();
  void change_iptables(const std::string& program, bool add);

  std::string bridge_;
  Subnet subnet_;
  std::thread worker_;
};

}  // namespace sockerless::cloud
