#include "core/networks.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/sha256.h"

namespace sockerless::core {
namespace {

constexpr const char* kTable = "networks";

Error invalid_config(const std::string& problem) {
  return {ErrorKind::invalid_argument, "invalid network config:\n" + problem};
}

bool is_ipv6(std::string_view text) { return text.find(':') != std::string_view::npos; }

bool is_ipv6_subnet(const std::string& text) {
  const auto slash = std::min(text.find('/'), text.size());
  in6_addr address{};
  return slash < text.size() && ::inet_pton(AF_INET6, text.substr(0, slash).c_str(), &address) == 1;
}

// Where the host has addresses of its own is of no concern: nothing is routed there.
Subnet parse_subnet(const std::string& text) {
  if (const auto subnet = Subnet::parse(text)) return *subnet;
  const auto slash = std::min(text.find('/'), text.size());
  const auto address = parse_ipv4(text.substr(0, slash));
  for (int prefix = 1; address && prefix <= 32; ++prefix) {
    if (text.substr(slash) != fmt::format("/{}", prefix)) continue;
    const Subnet right{*address & ~(prefix == 32 ? 0 : ~Ipv4{0} >> prefix), prefix};
    throw invalid_config(fmt::format("invalid subnet {}: it should be {}", text, right.text()));
  }
  throw invalid_config(fmt::format("invalid subnet {}: invalid CIDR block notation", text));
}

void check_within(const Subnet& subnet, const IpamConfig& config) {
  if (!config.ip_range.empty()) {
    const auto range = Subnet::parse(config.ip_range);
    if (!range || !subnet.contains(*range)) {
      throw invalid_config(
          fmt::format("invalid ip-range {}: it is no part of the subnet {}", config.ip_range, config.subnet));
    }
  }
  const auto check_address = [&](const std::string& text, const std::string& what) {
    const auto address = parse_ipv4(text);
    if (address && subnet.contains(*address)) return;
    throw invalid_config(fmt::format("invalid {} {}: parent subnet is {}", what, text, config.subnet));
  };
  if (!config.gateway.empty()) check_address(config.gateway, "gateway");
  for (const auto& [name, address] : config.auxiliary_addresses) check_address(address, "auxiliary address");
}

NetworkRecord predefined(const std::string& name, const std::string& driver, const std::string& instance) {
  NetworkRecord network;
  network.id = sha256_hex(fmt::format("network {} of {}", name, instance));
  network.name = name;
  network.driver = driver;
  if (name != "bridge") return network;
  network.ipam.config = {{.subnet = "172.17.0.0/16", .gateway = "172.17.0.1"}};
  network.options = {{"com.docker.network.bridge.default_bridge", "true"},
                     {"com.docker.network.bridge.enable_icc", "true"},
                     {"com.docker.network.bridge.enable_ip_masquerade", "true"},
                     {"com.docker.network.bridge.host_binding_ipv4", "0.0.0.0"},
                     {"com.docker.network.bridge.name", "docker0"},
                     {"com.docker.network.driver.mtu", "1500"}};
  return network;
}

}  // namespace

bool is_predefined_network(std::string_view name) { return name == "bridge" || name == "host" || name == "none"; }

Networks::Networks(Clock& clock, Store& store, Events& events, const ContainerTable& containers,
                   const std::string& instance)
    : clock_(clock), store_(store), events_(events), containers_(containers) {
  const auto now = clock_.now().time_since_epoch().count();
  for (const auto& [name, driver] : {std::pair("bridge", "bridge"), {"host", "host"}, {"none", "null"}}) {
    by_name_[name] = predefined(name, driver, instance);
    by_name_[name].created_at = now;
  }
}

void Networks::recover() {
  for (auto& [id, document] : store_.load(kTable)) {
    auto network = read_row<NetworkRecord>(kTable, id, document);
    by_name_[network.name] = std::move(network);
  }
}

void Networks::validate(const NetworkRecord& wanted) const {
  if (wanted.name.empty()) throw Error(ErrorKind::invalid_argument, "invalid name: name is empty");
  if (is_predefined_network(wanted.name)) {
    throw Error(ErrorKind::forbidden, fmt::format("operation is not permitted on predefined {} network ", wanted.name));
  }
  if (by_name_.contains(wanted.name)) {
    throw Error(ErrorKind::conflict, fmt::format("network with name {} already exists", wanted.name));
  }
  const std::string& driver = wanted.driver;
  if (driver == "host" || driver == "null") {
    throw Error(ErrorKind::forbidden, fmt::format("only one instance of \"{}\" network is allowed", driver));
  }
  if (driver == "overlay") {
    throw Error(ErrorKind::unavailable,
                "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this "
                "node to swarm and try again.");
  }
  if (driver != "bridge" && driver != "macvlan" && driver != "ipvlan") {
    throw Error(ErrorKind::not_found, fmt::format("plugin \"{}\" not found", driver));
  }
}

// Completes the address ranges, or refuses them.
void Networks::choose_addresses(NetworkRecord& network) const {
  std::vector<Subnet> in_use;
  for (const auto& [name, other] : by_name_) {
    for (const IpamConfig& config : other.ipam.config) {
      if (const auto subnet = Subnet::parse(config.subnet)) in_use.push_back(*subnet);
    }
  }
  bool has_ipv4 = false;
  for (IpamConfig& config : network.ipam.config) {
    if (is_ipv6(config.subnet)) {
      if (!is_ipv6_subnet(config.subnet)) parse_subnet(config.subnet);
      continue;
    }
    has_ipv4 = true;
    if (!config.subnet.empty()) continue;
    const auto free = first_free_subnet(in_use);
    if (!free) throw Error(ErrorKind::forbidden, "all predefined address pools have been fully subnetted");
    config.subnet = free->text();
  }
  if (!has_ipv4 && network.enable_ipv4) {
    network.ipam.config.insert(network.ipam.config.begin(), IpamConfig{});
    choose_addresses(network);
    return;
  }
  for (IpamConfig& config : network.ipam.config) {
    if (is_ipv6(config.subnet)) continue;
    const Subnet subnet = parse_subnet(config.subnet);
    check_within(subnet, config);
    if (std::any_of(in_use.begin(), in_use.end(), [&](const Subnet& used) { return used.overlaps(subnet); })) {
      throw Error(ErrorKind::forbidden, "invalid pool request: Pool overlaps with other one on this address space");
    }
    in_use.push_back(subnet);
    if (config.gateway.empty()) config.gateway = ipv4_text(subnet.address + 1);
  }
}

Awaitable<NetworkRecord> Networks::create(NetworkRecord wanted) {
  if (wanted.driver.empty() || wanted.driver == "default") wanted.driver = "bridge";
  if (wanted.ipam.driver.empty()) wanted.ipam.driver = "default";
  validate(wanted);
  choose_addresses(wanted);
  wanted.id = random_hex(32);
  wanted.created_at = clock_.now().time_since_epoch().count();
  // Claimed before it is written: a second create finds it.
  by_name_[wanted.name] = wanted;
  try {
    co_await store_.put(kTable, wanted.id, json::to_text(wanted), Durability::relaxed);
  } catch (const Error&) {
    by_name_.erase(wanted.name);
    throw;
  }
  publish(wanted, "create");
  co_return wanted;
}

const NetworkRecord* Networks::find(std::string_view name_or_id) const {
  if (const auto named = by_name_.find(name_or_id); named != by_name_.end()) return &named->second;
  const auto found =
      std::find_if(by_name_.begin(), by_name_.end(), [&](const auto& item) { return item.second.id == name_or_id; });
  return found == by_name_.end() ? nullptr : &found->second;
}

const NetworkRecord& Networks::get(std::string_view reference) const {
  if (const NetworkRecord* network = find(reference)) return *network;
  const NetworkRecord* match = nullptr;
  int matches = 0;
  for (const auto& [name, network] : by_name_) {
    if (reference.empty() || !network.id.starts_with(reference)) continue;
    match = &network;
    ++matches;
  }
  if (matches > 1) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("network {} is ambiguous ({} matches found on ID prefix)", reference, matches));
  }
  if (match == nullptr) throw Error(ErrorKind::not_found, fmt::format("network {} not found", reference));
  return *match;
}

std::vector<NetworkRecord> Networks::all() const {
  std::vector<NetworkRecord> networks;
  networks.reserve(by_name_.size());
  for (const auto& [name, network] : by_name_) networks.push_back(network);
  return networks;
}

Awaitable<void> Networks::remove(std::string reference) {
  const NetworkRecord network = get(reference);
  if (is_predefined_network(network.name)) {
    throw Error(ErrorKind::forbidden, fmt::format("{} is a pre-defined network and cannot be removed", network.name));
  }
  std::vector<std::string> endpoints;
  for (const EntryPointer& entry : members(network)) {
    endpoints.push_back(fmt::format("name:\"{}\" id:\"{}\"", entry->record.name,
                                    entry->record.networks.at(network.name).endpoint_id.substr(0, 12)));
  }
  if (!endpoints.empty()) {
    throw Error(ErrorKind::forbidden, fmt::format("error while removing network: network {} has active endpoints ({})",
                                                  network.name, fmt::join(endpoints, ", ")));
  }
  // At once: nobody connects to it meanwhile.
  by_name_.erase(network.name);
  try {
    co_await store_.erase(kTable, network.id);
  } catch (const Error&) {
    by_name_.try_emplace(network.name, network);
    throw;
  }
  publish(network, "destroy");
}

Awaitable<std::vector<std::string>> Networks::prune(std::function<bool(const NetworkRecord&)> is_selected) {
  std::vector<std::string> removed;
  for (const NetworkRecord& network : all()) {
    if (is_predefined_network(network.name) || !is_selected(network)) continue;
    // A container may have been started, or the network removed, since.
    if (find(network.id) == nullptr || !members(network).empty()) continue;
    co_await remove(network.id);
    removed.push_back(network.name);
  }
  events_.publish({"network", "prune", "", {{"reclaimed", "0"}}, {}});
  co_return removed;
}

void Networks::publish(const NetworkRecord& network, std::string action, const std::string& container) {
  std::map<std::string, std::string> attributes{{"name", network.name}, {"type", network.driver}};
  if (!container.empty()) attributes["container"] = container;
  events_.publish({"network", std::move(action), network.id, std::move(attributes), {}});
}

}  // namespace sockerless::core
