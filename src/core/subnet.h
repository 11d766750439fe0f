#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::core {

// An IPv4 address in host byte order.
using Ipv4 = std::uint32_t;

std::optional<Ipv4> parse_ipv4(std::string_view text);
std::string ipv4_text(Ipv4 address);

// An IPv4 network in CIDR notation.
struct Subnet {
  Ipv4 address = 0;  // the first one
  int prefix = 0;    // bits

  // "10.1.0.0/16"; nothing if it is no IPv4 network, or if bits behind the prefix are set.
  static std::optional<Subnet> parse(std::string_view text);

  Ipv4 last() const;
  bool contains(Ipv4 other) const { return other >= address && other <= last(); }
  bool contains(const Subnet& other) const { return contains(other.address) && contains(other.last()); }
  bool overlaps(const Subnet& other) const { return address <= other.last() && other.address <= last(); }
  std::string text() const;

  friend bool operator==(const Subnet&, const Subnet&) = default;
};

// The first subnet that overlaps with none in use: Docker's default pools (172.17.0.0/16 to 172.31.0.0/16, then
// 192.168.0.0 in /20), and behind these, since nothing is routed there, 10.64.0.0/10 in /24. Nothing if all are in use.
std::optional<Subnet> first_free_subnet(const std::vector<Subnet>& in_use);

// The lowest address of the range that is none of the subnet's first and last and not taken; nothing if there is none.
std::optional<Ipv4> first_free_address(const Subnet& subnet, const Subnet& range, const std::set<Ipv4>& taken);

}  // namespace sockerless::core
