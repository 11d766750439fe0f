#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sockerless::cloud {

// An IPv4 network; the address is in the host's byte order.
struct Subnet {
  std::uint32_t address = 0;
  int prefix_length = 0;

  std::uint32_t mask() const { return prefix_length == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix_length); }
  std::uint32_t size() const { return ~mask(); }  // the last host number, which is for broadcasts
  bool overlaps(const Subnet& other) const;
  std::string text() const;  // "10.213.7.0/24"
};

std::string format_address(std::uint32_t address);
// Of a text that format_address has made or could have; 0 for any other.
std::uint32_t parse_address(const std::string& text);

// "10.213.7.0/24", with 8 to 29 network bits and none after them. Throws Error(invalid_argument).
Subnet parse_subnet(std::string_view text);

}  // namespace sockerless::cloud
