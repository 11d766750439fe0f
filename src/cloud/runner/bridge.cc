#include "cloud/runner/bridge.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/log.h"
#include "cloud/images/descriptor.h"
#include "cloud/images/digest.h"
#include "cloud/runner/netlink.h"

namespace sockerless::cloud {
namespace {

const Logger log("runner");

constexpr std::string_view kNamePrefix = "skl";
constexpr std::uint32_t kPool = 10U << 24 | 213U << 16;
constexpr int kPoolPrefix = 24;
constexpr std::uint32_t kPoolNetworks = 256;
constexpr const char* kLockFile = "/run/sockerless-network.lock";

void remove_if_there(Netlink& netlink, int link) {
  try {
    netlink.remove_link(link);
  } catch (const std::system_error& error) {
    // A port goes with its namespace, an orphan may be removed by two clouds at once.
    if (error.code().value() != ENODEV) throw;
  }
}

void remove_with_ports(Netlink& netlink, const std::string& name) {
  const int index = netlink.find_link(name);
  if (index == 0) return;
  for (const Netlink::Link& link : netlink.links()) {
    if (link.master == index) remove_if_there(netlink, link.index);
  }
  remove_if_there(netlink, index);
}

Subnet choose_subnet(Netlink& netlink, const std::string& wanted, const std::string& record) {
  if (wanted != "auto") return parse_subnet(wanted);
  const auto used = netlink.subnets();
  const auto is_free = [&](const Subnet& subnet) {
    return std::none_of(used.begin(), used.end(), [&](const Subnet& other) {
      return other.prefix_length > 0 && subnet.overlaps(other);  // the default route occupies nothing
    });
  };
  std::string remembered;
  if (std::ifstream(record) >> remembered) {
    try {
      const Subnet subnet = parse_subnet(remembered);
      if (is_free(subnet)) return subnet;
    } catch (const Error& error) {
      log.warn("recorded subnet is unreadable", {{"file", record}, {"error", error.what()}});
    }
  }
  for (std::uint32_t i = 0; i < kPoolNetworks; ++i) {
    const Subnet subnet{kPool | i << 8, kPoolPrefix};
    if (is_free(subnet)) return subnet;
  }
  throw Error(ErrorKind::unavailable, "no free subnet in 10.213.0.0/16; give one with --subnet");
}

}  // namespace

std::string short_name(const std::string& folder) { return std::string(hexadecimal(digest_of(folder)).substr(0, 8)); }

std::string bridge_name(const std::string& short_name) { return fmt::format("{}{}", kNamePrefix, short_name); }

bool is_bridge_name(std::string_view name) {
  const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
  return name.starts_with(kNamePrefix) && name.size() == kNamePrefix.size() + 8 &&
         std::all_of(name.begin() + kNamePrefix.size(), name.end(), is_digit);
}

Bridge::Bridge(const std::string& folder, const std::string& wanted) : name_(bridge_name(short_name(folder))) {
  // Between the choice of a subnet and its use no other cloud may choose.
  const Descriptor lock(::open(kLockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open() || ::flock(lock.get(), LOCK_EX) < 0) {
    throw std::system_error(errno, std::generic_category(), kLockFile);
  }
  Netlink netlink;
  remove_with_ports(netlink, name_);
  for (const Netlink::Link& link : netlink.links()) {
    const bool is_orphan = is_bridge_name(link.name) && !link.note.empty() && !std::filesystem::exists(link.note);
    if (is_orphan) remove_with_ports(netlink, link.name);
  }
  const std::string record = folder + "/subnet";
  subnet_ = choose_subnet(netlink, wanted, record);
  netlink.add_bridge(name_, mac_address_of(gateway()), folder);
  index_ = netlink.find_link(name_);
  netlink.add_address(index_, gateway(), subnet_.prefix_length);
  std::ofstream(record) << subnet_.text() << '\n';
}

void Bridge::remove() {
  try {
    Netlink netlink;
    remove_with_ports(netlink, name_);
  } catch (const std::system_error& error) {
    log.warn("bridge is left behind", {{"bridge", name_}, {"error", error.what()}});
  }
}

std::string mac_address_of(std::uint32_t address) {
  return fmt::format("02:42:{:02x}:{:02x}:{:02x}:{:02x}", address >> 24, address >> 16 & 255, address >> 8 & 255,
                     address & 255);
}

}  // namespace sockerless::cloud
