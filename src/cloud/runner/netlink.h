#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cloud/images/descriptor.h"
#include "cloud/runner/address.h"

namespace sockerless::cloud {

// Interfaces, addresses and routes of one network namespace: the one that the thread had when this
// was made. Blocks. Throws std::system_error that names what was asked of the kernel.
class Netlink {
 public:
  Netlink();

  struct Link {
    int index = 0;
    int master = 0;  // index of its bridge
    std::string name;
    std::string note;  // free text ("alias")
  };
  std::vector<Link> links();
  // 0 if there is none.
  int find_link(const std::string& name);

  // Bridge that is up, with a fixed hardware address ("02:…"): an automatic one changes with the ports.
  void add_bridge(const std::string& name, const std::string& mac_address, const std::string& note);

  struct Veth {
    std::string name;  // here, a port of the bridge, up
    int bridge = 0;
    std::string peer_name;  // in the other namespace
    std::string peer_mac_address;
    int peer_namespace = -1;
  };
  void add_veth(const Veth& veth);

  void set_up(int link);
  void set_down(int link);
  void remove_link(int link);
  void add_address(int link, std::uint32_t address, int prefix_length);
  void add_default_route(std::uint32_t gateway);
  // The address is a neighbour's.
  void add_link_route(int link, std::uint32_t address);

  // What addresses and routes occupy.
  std::vector<Subnet> subnets();
  bool has_default_route();

 private:
  class Message;

  // Sends and waits for the acknowledgement.
  void request(Message& message, const std::string& what);
  // Calls `each` with every message of the answer.
  template <typename Each>
  void dump(int type, int family, Each each);

  Descriptor socket_;
  std::uint32_t sequence_ = 0;
};

}  // namespace sockerless::cloud
