#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/container_table.h"
#include "core/events.h"
#include "core/network.h"
#include "core/network_attachment.h"
#include "core/store.h"
#include "core/subnet.h"

namespace sockerless::core {

// Whether a container's names are known to its peers there: on all but bridge, host and none.
bool has_names(std::string_view network);

// The names by which the peers of a network find a container: its name, its aliases, its short id and its host name.
std::vector<std::string> names_of(const Container& container, const EndpointSettings& endpoint);

// The networks of a Docker daemon, as records. Which addresses are taken is read off the containers' records whenever
// one is needed, so none can leak. Lives on the daemon's loop.
class Networks final : public NetworkAttachment {
 public:
  // `instance` makes the ids of the predefined networks, which are the same in every run.
  Networks(Clock& clock, Store& store, Events& events, const ContainerTable& containers, const std::string& instance);

  void recover();

  // Fills in what is not given: id, time, driver, subnet and gateway. Throws Error(invalid_argument), Error(forbidden)
  // for a predefined name or a subnet in use, Error(conflict) for a name in use, Error(not_found) for an unknown
  // driver.
  Awaitable<NetworkRecord> create(NetworkRecord wanted);

  // By id, name or unique prefix of the id, in this order. Throws Error(not_found), Error(invalid_argument) if
  // ambiguous.
  const NetworkRecord& get(std::string_view reference) const;
  std::vector<NetworkRecord> all() const;  // by name

  // The running containers in a network.
  std::vector<EntryPointer> members(const NetworkRecord& network) const;

  // Throws Error(forbidden) for a predefined network or one with running containers.
  Awaitable<void> remove(std::string reference);
  // Removes the user's own that are selected and in which no container runs; returns their names.
  Awaitable<std::vector<std::string>> prune(std::function<bool(const NetworkRecord&)> is_selected);

  // The networks of a new container: those of its request under their names, and the one of its network mode. Throws
  // Error(invalid_argument).
  std::map<std::string, EndpointSettings> initial(const Container& record) const;

  // Adds or takes one network of a container's record, which the caller saves. A running container gets or loses an
  // endpoint. Throw Error(forbidden) if it is there already, Error(internal) if it is not, Error(invalid_argument).
  void connect(Container& container, const NetworkRecord& network, EndpointSettings endpoint);
  void disconnect(Container& container, const NetworkRecord& network);

  // NetworkAttachment
  void attach(Container& container) override;
  bool detach(Container& container) override;
  void note_detached(const Container& container) override;

 private:
  const NetworkRecord* find(std::string_view name_or_id) const;
  void validate(const NetworkRecord& wanted) const;
  void choose_addresses(NetworkRecord& network) const;
  std::set<Ipv4> taken_addresses(const NetworkRecord& network) const;
  Ipv4 choose_address(const NetworkRecord& network, const EndpointSettings& endpoint) const;
  void attach(const Container& container, const NetworkRecord& network, EndpointSettings& endpoint) const;
  void publish(const NetworkRecord& network, std::string action, const std::string& container = "");

  Clock& clock_;
  Store& store_;
  Events& events_;
  const ContainerTable& containers_;
  std::map<std::string, NetworkRecord, std::less<>> by_name_;
};

}  // namespace sockerless::core
