#include "cloud/runner/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"

namespace sockerless::cloud {

bool Subnet::overlaps(const Subnet& other) const {
  const std::uint32_t common = mask() & other.mask();
  return (address & common) == (other.address & common);
}

std::string Subnet::text() const { return fmt::format("{}/{}", format_address(address), prefix_length); }

std::uint32_t parse_address(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ? ntohl(address.s_addr) : 0;
}

std::string format_address(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
}

Subnet parse_subnet(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  Subnet subnet;
  in_addr address{};
  const std::string_view bits = text.substr(std::min(slash + 1, text.size()));
  const auto [end, ec] = std::from_chars(bits.data(), bits.data() + bits.size(), subnet.prefix_length);
  const bool valid = ec == std::errc{} && end == bits.data() + bits.size() && subnet.prefix_length >= 8 &&
                     subnet.prefix_length <= 29 &&
                     ::inet_pton(AF_INET, std::string(text.substr(0, slash)).c_str(), &address) == 1;
  subnet.address = ntohl(address.s_addr);
  if (!valid || (subnet.address & ~subnet.mask()) != 0) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("invalid subnet \"{}\": expected one like 10.213.7.0/24", text));
  }
  return subnet;
}

}  // namespace sockerless::cloud
