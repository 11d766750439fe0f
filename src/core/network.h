#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace sockerless::core {

// One of a network's address ranges, as the client gave it or IPAM chose it.
struct IpamConfig {
  std::string subnet;
  std::string ip_range;
  std::string gateway;
  std::map<std::string, std::string> auxiliary_addresses;

  static constexpr auto fields() {
    using I = IpamConfig;
    using json::Emit;
    using json::field;
    return std::tuple{field("Subnet", &I::subnet, Emit::omit_empty), field("IPRange", &I::ip_range, Emit::omit_empty),
                      field("Gateway", &I::gateway, Emit::omit_empty),
                      field("AuxiliaryAddresses", &I::auxiliary_addresses, Emit::omit_empty)};
  }
};

struct Ipam {
  std::string driver = "default";
  std::optional<std::map<std::string, std::string>> options;  // as the client gave them
  std::vector<IpamConfig> config;

  static constexpr auto fields() {
    using I = Ipam;
    using json::field;
    return std::tuple{field("Driver", &I::driver), field("Options", &I::options), field("Config", &I::config)};
  }
};

// A Docker network. ECS knows nothing of it: every task is in the VPC, and the record decides who knows whose name.
struct NetworkRecord {
  std::string id;  // 64 hexadecimal digits
  std::string name;
  std::int64_t created_at = 0;  // nanoseconds since the epoch
  std::string driver = "bridge";
  bool enable_ipv4 = true;
  bool enable_ipv6 = false;
  bool internal = false;
  bool attachable = false;
  Ipam ipam;
  std::map<std::string, std::string> options;
  std::map<std::string, std::string> labels;

  static constexpr auto fields() {
    using N = NetworkRecord;
    using json::field;
    return std::tuple{field("id", &N::id),
                      field("name", &N::name),
                      field("created_at", &N::created_at),
                      field("driver", &N::driver),
                      field("enable_ipv4", &N::enable_ipv4),
                      field("enable_ipv6", &N::enable_ipv6),
                      field("internal", &N::internal),
                      field("attachable", &N::attachable),
                      field("ipam", &N::ipam),
                      field("options", &N::options),
                      field("labels", &N::labels)};
  }
};

// bridge, host and none, which are always there.
bool is_predefined_network(std::string_view name);

}  // namespace sockerless::core
