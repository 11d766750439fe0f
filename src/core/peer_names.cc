#include "core/peer_names.h"

#include <algorithm>

#include "base/log.h"
#include "base/rollback.h"

namespace sockerless::core {
namespace {

const Logger log("names");

constexpr std::string_view kHostGateway = "host-gateway";

// "name:address" and "name=address", as `--add-host` and Compose give it; the address may have colons.
std::pair<std::string, std::string> split_extra_host(const std::string& text) {
  const auto separator = std::min(text.find_first_of(":="), text.size());
  return {text.substr(0, separator), separator < text.size() ? text.substr(separator + 1) : ""};
}

// The alias of "container:alias" if the container is meant.
std::optional<std::string> alias_of_link(const std::string& link, const Container& container) {
  const auto colon = std::min(link.find(':'), link.size());
  const std::string target = link.substr(0, colon);
  const bool is_meant = target == container.name || (target.size() >= 12 && container.id.starts_with(target));
  if (!is_meant || colon == link.size()) return std::nullopt;
  return link.substr(colon + 1);
}

bool has_host_name_of_its_own(const Container& container) { return container.config.hostname != container.short_id(); }

}  // namespace

PeerNames::PeerNames(Executor executor, const ContainerTable& containers, Drivers& drivers)
    : containers_(containers), drivers_(drivers), tasks_(std::move(executor)) {}

bool PeerNames::is_needed(const Container& container) const {
  return !container.host_config.extra_hosts.empty() || has_host_name_of_its_own(container) ||
         std::any_of(container.networks.begin(), container.networks.end(),
                     [](const auto& item) { return has_names(item.first); });
}

void PeerNames::add_peers(const Container& container, const std::string& network,
                          std::vector<HostsEntry>& entries) const {
  const auto own = container.networks.find(network);
  for (const auto& [id, member] : members_) {
    const EntryPointer peer = containers_.find(id);
    if (!peer || id == container.id || member.address.empty()) continue;
    const auto endpoint = peer->record.networks.find(network);
    if (endpoint == peer->record.networks.end() || endpoint->second.endpoint_id.empty()) continue;
    if (endpoint->second.network_id != own->second.network_id) continue;
    HostsEntry entry{member.address, names_of(peer->record, endpoint->second)};
    for (const std::string& link : own->second.links) {
      if (auto alias = alias_of_link(link, peer->record)) entry.names.push_back(std::move(*alias));
    }
    entries.push_back(std::move(entry));
  }
}

std::vector<HostsEntry> PeerNames::entries_for(const Container& container) const {
  std::vector<HostsEntry> entries;
  for (const std::string& text : container.host_config.extra_hosts) {
    auto [name, address] = split_extra_host(text);
    if (!address.empty() && address != kHostGateway) entries.push_back({std::move(address), {std::move(name)}});
  }
  // An entry without an address is the task's own.
  HostsEntry own{"", {container.config.hostname}};
  for (const auto& [network, endpoint] : container.networks) {
    if (!has_names(network)) continue;
    for (std::string& name : names_of(container, endpoint)) {
      if (std::find(own.names.begin(), own.names.end(), name) == own.names.end()) own.names.push_back(std::move(name));
    }
  }
  entries.push_back(std::move(own));
  for (const auto& [network, endpoint] : container.networks) {
    if (has_names(network)) add_peers(container, network, entries);
  }
  return entries;
}

// Throws Error(unavailable) if the agent is lost; every other failure is said in the log.
Awaitable<void> PeerNames::write(Container container) {
  std::optional<Error> failure;
  try {
    std::string address = co_await drivers_.network.pick(container).set_hosts(container, entries_for(container));
    // It may have ended meanwhile.
    const EntryPointer entry = containers_.find(container.id);
    if (entry && entry->record.state.is_running()) members_[container.id].address = std::move(address);
  } catch (const Error& error) {
    failure = error;
  }
  if (!failure) co_return;
  if (failure->kind() == ErrorKind::unavailable) throw Error(*failure);
  log.warn("the names of its peers cannot be written to the container's /etc/hosts; they cannot be used in it",
           {{"container", container.short_id()}, {"name", container.name}, {"error", failure->what()}});
}

Awaitable<void> PeerNames::prepare(Container container) {
  co_await write(container);
  refresh_peers(container);
}

// What is in their files was written by an earlier daemon, so all of it is written anew.
void PeerNames::recover() {
  for (const EntryPointer& entry : containers_.all()) {
    const Container& record = entry->record;
    if (!record.state.is_running() || record.agent == AgentPresence::absent || !is_needed(record)) continue;
    refresh(record.id);
  }
}

void PeerNames::container_ended(const EntryPointer& entry) {
  if (members_.erase(entry->record.id) != 0) refresh_peers(entry->record);
}

void PeerNames::changed(const EntryPointer& entry, const std::string& left_network) {
  if (!entry->record.state.is_running() || entry->record.agent == AgentPresence::absent) return;
  refresh(entry->record.id);
  refresh_peers(entry->record, left_network);
}

// All who share a network with the container, or did.
void PeerNames::refresh_peers(const Container& container, const std::string& left_network) {
  std::vector<std::string> peers;
  for (const auto& [id, member] : members_) {
    const EntryPointer entry = containers_.find(id);
    if (!entry || id == container.id) continue;
    const auto& networks = entry->record.networks;
    const bool is_peer = std::any_of(networks.begin(), networks.end(), [&](const auto& item) {
      return has_names(item.first) && (item.first == left_network || container.networks.contains(item.first));
    });
    if (is_peer) peers.push_back(id);
  }
  for (const std::string& id : peers) refresh(id);
}

void PeerNames::refresh(const std::string& container_id) {
  Member& member = members_[container_id];
  member.is_stale = true;
  if (!std::exchange(member.is_writing, true)) tasks_.spawn("names of a container's peers", rewrite(container_id));
}

// What changes while the file is written has it written once more.
Awaitable<void> PeerNames::rewrite(std::string container_id) {
  for (;;) {
    const auto member = members_.find(container_id);
    const EntryPointer entry = containers_.find(container_id);
    if (member == members_.end()) co_return;
    if (!entry || !entry->record.state.is_running() || !std::exchange(member->second.is_stale, false)) {
      member->second.is_writing = false;
      co_return;
    }
    const bool was_known = !member->second.address.empty();
    try {
      co_await write(entry->record);
    } catch (const Error& error) {
      log.debug("the agent is away; its container keeps the names that it has", {{"error", error.what()}});
    }
    const auto after = members_.find(container_id);
    if (after != members_.end() && !was_known && !after->second.address.empty()) refresh_peers(entry->record);
  }
}

}  // namespace sockerless::core
