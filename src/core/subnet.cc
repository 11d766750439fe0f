#include "core/subnet.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sockerless::core {
namespace {

constexpr int kBits = 32;

// What is divided into subnets of one size.
struct DefaultPool {
  Ipv4 first;
  Ipv4 last;
  int prefix;
};

constexpr DefaultPool kDefaultPools[] = {
    {0xAC110000, 0xAC1FFFFF, 16}, {0xC0A80000, 0xC0A8FFFF, 20}, {0x0A400000, 0x0A7FFFFF, 24}};

}  // namespace

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  in_addr address{};
  if (::inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string ipv4_text(Ipv4 address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 0xFF, address >> 8 & 0xFF, address & 0xFF);
}

std::optional<Subnet> Subnet::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ipv4(text.substr(0, slash));
  int prefix = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + slash + 1, end, prefix);
  if (!address || parsed.ec != std::errc{} || parsed.ptr != end || prefix < 1 || prefix > kBits) return std::nullopt;
  const Ipv4 host_bits = prefix == kBits ? 0 : ~Ipv4{0} >> prefix;
  if ((*address & host_bits) != 0) return std::nullopt;
  return Subnet{*address, prefix};
}

Ipv4 Subnet::last() const { return prefix >= kBits ? address : address | (~Ipv4{0} >> prefix); }

std::string Subnet::text() const { return fmt::format("{}/{}", ipv4_text(address), prefix); }

std::optional<Subnet> first_free_subnet(const std::vector<Subnet>& in_use) {
  for (const DefaultPool& pool : kDefaultPools) {
    const Ipv4 step = Ipv4{1} << (kBits - pool.prefix);
    for (Ipv4 address = pool.first; address < pool.last; address += step) {
      const Subnet candidate{address, pool.prefix};
      const bool is_free =
          std::none_of(in_use.begin(), in_use.end(), [&](const Subnet& used) { return used.overlaps(candidate); });
      if (is_free) return candidate;
    }
  }
  return std::nullopt;
}

std::optional<Ipv4> first_free_address(const Subnet& subnet, const Subnet& range, const std::set<Ipv4>& taken) {
  for (Ipv4 address = range.address;; ++address) {
    if (address != subnet.address && address != subnet.last() && !taken.contains(address)) return address;
    if (address == range.last()) return std::nullopt;
  }
}

}  // namespace sockerless::core
