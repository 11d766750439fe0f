#pragma once

#include <string>
#include <thread>

#include "cloud/runner/address.h"

namespace sockerless::cloud {

// Lets tasks reach what the host reaches: forwarding and address translation by iptables or nft,
// if this machine has one of them and a default route. Best effort: without it tasks reach the host
// and each other. The rules are made in a thread, as that takes tens of milliseconds, and are
// removed at the end; rules of clouds whose bridge is gone are removed, too.
class Masquerade {
 public:
  Masquerade(std::string bridge, Subnet subnet);
  ~Masquerade();
  Masquerade(const Masquerade&) = delete;
  Masquerade& operator=(const Masquerade&) = delete;

 private:
  void enable();
  void add_iptables_rules();
  void add_nft_rules(const std::string& nft);

  std::string bridge_;
  Subnet subnet_;
  std::thread worker_;
};

}  // namespace sockerless::cloud
