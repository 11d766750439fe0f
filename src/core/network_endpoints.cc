// The part of Networks that gives containers their endpoints.
#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "core/networks.h"

namespace sockerless::core {
namespace {

constexpr std::size_t kEndpointIdBytes = 32;

void clear(EndpointSettings& endpoint) {
  endpoint.endpoint_id.clear();
  endpoint.gateway.clear();
  endpoint.ip_address.clear();
  endpoint.prefix_length = 0;
  endpoint.mac_address.clear();
}

// As Docker made them for long: two bytes that say Docker, and the address.
std::string mac_address_of(Ipv4 address) {
  return fmt::format("02:42:{:02x}:{:02x}:{:02x}:{:02x}", address >> 24, address >> 16 & 0xFF, address >> 8 & 0xFF,
                     address & 0xFF);
}

// What only a network of the user's own can do.
void check_supported(const NetworkRecord& network, const EndpointSettings& endpoint) {
  if (has_names(network.name)) return;
  if (!endpoint.aliases.empty()) {
    throw Error(ErrorKind::invalid_argument,
                "network-scoped alias is supported only for containers in user defined networks");
  }
  if (!endpoint.wanted_address.empty() || !endpoint.wanted_ipv6_address.empty()) {
    throw Error(ErrorKind::invalid_argument, "user specified IP address is supported on user defined networks only");
  }
}

const IpamConfig* ipv4_range(const NetworkRecord& network, const std::string& wanted_address) {
  const auto address = parse_ipv4(wanted_address);
  for (const IpamConfig& config : network.ipam.config) {
    const auto subnet = Subnet::parse(config.subnet);
    if (subnet && (wanted_address.empty() || (address && subnet->contains(*address)))) return &config;
  }
  return nullptr;
}

void check_joinable(const Container& container, const NetworkRecord& network) {
  const bool is_in_host = container.host_config.network_mode == "host";
  if (is_in_host || network.name == "host") {
    throw Error(ErrorKind::invalid_argument,
                "container cannot be disconnected from host network or connected to host network");
  }
}

}  // namespace

bool has_names(std::string_view network) { return !is_predefined_network(network); }

std::vector<std::string> names_of(const Container& container, const EndpointSettings& endpoint) {
  std::vector<std::string> names{container.name};
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const std::string& alias : endpoint.aliases) add(alias);
  add(container.short_id());
  add(container.config.hostname);
  return names;
}

std::vector<EntryPointer> Networks::members(const NetworkRecord& network) const {
  std::vector<EntryPointer> members;
  for (const EntryPointer& entry : containers_.all()) {
    const auto endpoint = entry->record.networks.find(network.name);
    if (endpoint == entry->record.networks.end() || endpoint->second.endpoint_id.empty()) continue;
    if (endpoint->second.network_id == network.id) members.push_back(entry);
  }
  return members;
}

std::map<std::string, EndpointSettings> Networks::initial(const Container& record) const {
  const auto full_name = [&](const std::string& name) {
    const NetworkRecord* network = find(name == "default" ? "bridge" : name);
    return network == nullptr ? name : network->name;
  };
  std::map<std::string, EndpointSettings> endpoints;
  for (const auto& [name, endpoint] : record.networks) {
    if (!endpoint.wanted_address.empty() && !parse_ipv4(endpoint.wanted_address)) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("invalid config for network {}: invalid endpoint settings:\ninvalid IPv4 address: {}",
                              name, endpoint.wanted_address));
    }
    endpoints[full_name(name)] = endpoint;
  }
  const std::string& mode = record.host_config.network_mode;
  if (mode.starts_with("container:")) return {};
  EndpointSettings& primary = endpoints[full_name(mode)];
  if (primary.wanted_mac_address.empty()) primary.wanted_mac_address = record.config.mac_address;
  return endpoints;
}

std::set<Ipv4> Networks::taken_addresses(const NetworkRecord& network) const {
  std::set<Ipv4> taken;
  const auto take = [&](const std::string& text) {
    if (const auto address = parse_ipv4(text)) taken.insert(*address);
  };
  for (const IpamConfig& config : network.ipam.config) {
    take(config.gateway);
    for (const auto& [name, address] : config.auxiliary_addresses) take(address);
  }
  for (const EntryPointer& entry : members(network)) take(entry->record.networks.at(network.name).ip_address);
  return taken;
}

Ipv4 Networks::choose_address(const NetworkRecord& network, const EndpointSettings& endpoint) const {
  const IpamConfig* range = ipv4_range(network, endpoint.wanted_address);
  if (range == nullptr) {
    throw Error(
        ErrorKind::invalid_argument,
        fmt::format("invalid config for network {}: invalid endpoint settings:\nno configured subnet contains IP "
                    "address {}",
                    network.name, endpoint.wanted_address));
  }
  const Subnet subnet = *Subnet::parse(range->subnet);
  const auto taken = taken_addresses(network);
  if (!endpoint.wanted_address.empty()) {
    const Ipv4 wanted = *parse_ipv4(endpoint.wanted_address);
    if (taken.contains(wanted)) throw Error(ErrorKind::forbidden, "Address already in use");
    return wanted;
  }
  const auto free = first_free_address(subnet, Subnet::parse(range->ip_range).value_or(subnet), taken);
  if (!free) {
    throw Error(
        ErrorKind::forbidden,
        fmt::format("no available IPv4 addresses on this network's address pools: {} ({})", network.name, network.id));
  }
  return *free;
}

void Networks::attach(const Container& container, const NetworkRecord& network, EndpointSettings& endpoint) const {
  check_supported(network, endpoint);
  clear(endpoint);
  endpoint.network_id = network.id;
  endpoint.endpoint_id = random_hex(kEndpointIdBytes);
  const bool has_addresses = network.driver != "host" && network.driver != "null" && !container.config.network_disabled;
  if (!has_addresses || !network.enable_ipv4) return;
  const Ipv4 address = choose_address(network, endpoint);
  const IpamConfig& range = *ipv4_range(network, ipv4_text(address));
  endpoint.ip_address = ipv4_text(address);
  endpoint.prefix_length = Subnet::parse(range.subnet)->prefix;
  endpoint.gateway = range.gateway;
  endpoint.mac_address = endpoint.wanted_mac_address.empty() ? mac_address_of(address) : endpoint.wanted_mac_address;
}

void Networks::attach(Container& container) {
  auto endpoints = container.networks;
  for (auto& [name, endpoint] : endpoints) {
    const NetworkRecord* network = find(name);
    if (network == nullptr) throw Error(ErrorKind::not_found, fmt::format("network {} not found", name));
    attach(container, *network, endpoint);
  }
  container.networks = std::move(endpoints);
  for (const auto& [name, endpoint] : container.networks) publish(*find(name), "connect", container.id);
}

bool Networks::detach(Container& container) {
  bool was_attached = false;
  for (auto& [name, endpoint] : container.networks) {
    was_attached |= !endpoint.endpoint_id.empty();
    clear(endpoint);
  }
  return was_attached;
}

void Networks::note_detached(const Container& container) {
  for (const auto& [name, endpoint] : container.networks) {
    if (const NetworkRecord* network = find(name)) publish(*network, "disconnect", container.id);
  }
}

void Networks::connect(Container& container, const NetworkRecord& network, EndpointSettings endpoint) {
  check_joinable(container, network);
  check_supported(network, endpoint);
  if (container.networks.contains(network.name)) {
    throw Error(ErrorKind::forbidden,
                fmt::format("endpoint with name {} already exists in network {}", container.name, network.name));
  }
  if (!container.state.is_running()) {
    container.networks[network.name] = std::move(endpoint);
    return;
  }
  attach(container, network, endpoint);
  container.networks[network.name] = std::move(endpoint);
  publish(network, "connect", container.id);
}

void Networks::disconnect(Container& container, const NetworkRecord& network) {
  check_joinable(container, network);
  const auto found = container.networks.find(network.name);
  if (found == container.networks.end()) {
    throw Error(ErrorKind::internal,
                fmt::format("container {} is not connected to the network {}", container.id, network.name));
  }
  const bool was_attached = !found->second.endpoint_id.empty();
  container.networks.erase(found);
  if (was_attached) publish(network, "disconnect", container.id);
}

}  // namespace sockerless::core
