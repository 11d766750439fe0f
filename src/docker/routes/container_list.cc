#include <fmt/format.h>

#include <array>
#include <charconv>
#include <set>

#include "docker/api.h"
#include "docker/container_size.h"
#include "docker/filters.h"
#include "docker/types/container_view.h"

namespace sockerless::docker {
namespace {

constexpr std::array<std::string_view, 7> kStates{"created",  "running", "paused", "restarting",
                                                  "removing", "exited",  "dead"};

int parse_port(std::string_view text, std::string_view whole) {
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) {
    throw Error(ErrorKind::invalid_argument, fmt::format("invalid port specification: \"{}\"", whole));
  }
  return port;
}

void validate(const Filters& filters) {
  for (const std::string& state : filters.values("status")) {
    if (std::find(kStates.begin(), kStates.end(), state) == kStates.end()) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("invalid filter 'status={0}': invalid value for state ({0}): must be "
                              "one of {1}",
                              state, fmt::join(kStates, ", ")));
    }
  }
  for (const std::string& code : filters.values("exited")) parse_number(code);
}

// "80", "80/udp", "8000-8010/tcp", each as "PORT/PROTOCOL".
std::set<std::string> parse_ports(const std::vector<std::string>& texts) {
  std::set<std::string> ports;
  for (const std::string& text : texts) {
    const auto slash = std::min(text.find('/'), text.size());
    const std::string protocol = slash < text.size() ? text.substr(slash + 1) : "tcp";
    const std::string range = text.substr(0, slash);
    const auto dash = std::min(range.find('-'), range.size());
    const int first = parse_port(range.substr(0, dash), text);
    const int last = dash < range.size() ? parse_port(range.substr(dash + 1), text) : first;
    for (int port = first; port <= last; ++port) ports.insert(fmt::format("{}/{}", port, protocol));
  }
  return ports;
}

// One request's selection; what it needs of other objects is looked up once.
class Selection {
 public:
  Selection(ApiServices& services, http::Exchange& exchange)
      : filters_(Filters::parse(exchange.query("filters"),
                                {"ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation",
                                 "label", "name", "network", "publish", "since", "status", "volume"})) {
    validate(filters_);
    const std::string limit = exchange.query("limit").value_or("");
    if (!limit.empty()) limit_ = parse_number(limit);
    exposed_ = parse_ports(filters_.values("expose"));
    published_ = parse_ports(filters_.values("publish"));
    all_ = is_set(exchange, "all") || limit_ > 0 || filters_.has("status");
    for (const std::string& name : filters_.values("ancestor")) {
      try {
        ancestors_.push_back(services.images.get(name).id);
      } catch (const Error&) {
        // An image that is not known is no container's ancestor, and no error.
      }
    }
    for (const std::string& name : filters_.values("before")) {
      before_ = services.containers.get(name).created_at;
    }
    for (const std::string& name : filters_.values("since")) {
      since_ = services.containers.get(name).created_at;
    }
  }

  int limit() const { return limit_; }

  bool has(const core::Container& container) const {
    const std::string_view state = state_word(container.state);
    if (!all_ && state != "running" && state != "restarting") return false;
    if (before_ && container.created_at >= *before_) return false;
    if (since_ && container.created_at <= *since_) return false;
    return filters_.matches_pattern("id", container.id) && has_name(container) &&
           filters_.matches_labels("label", container.config.labels) && filters_.matches_exactly("status", state) &&
           has_exited_with(container, state) && has_ancestor(container) && !filters_.flag("is-task").value_or(false) &&
           has_volume(container) &&
           filters_.matches_exactly("health", container.state.health ? container.state.health->status : "none") &&
           has_network(container);
  }

  // As moby does it, by the ports that the list shows: those of running containers.
  bool has_ports(const std::vector<PortView>& ports) const {
    if (exposed_.empty() && published_.empty()) return true;
    return std::any_of(ports.begin(), ports.end(), [&](const PortView& port) {
      return published_.contains(fmt::format("{}/{}", port.public_port, port.type)) ||
             exposed_.contains(fmt::format("{}/{}", port.private_port, port.type));
    });
  }

 private:
  bool has_volume(const core::Container& container) const {
    if (!filters_.has("volume")) return true;
    return std::any_of(container.mounts.begin(), container.mounts.end(), [&](const core::MountPoint& mount) {
      return filters_.matches_exactly("volume", mount.name.empty() ? mount.source : mount.name) ||
             filters_.matches_exactly("volume", mount.destination);
    });
  }

  bool has_name(const core::Container& container) const {
    return filters_.matches_pattern("name", container.name) || filters_.matches_pattern("name", "/" + container.name);
  }

  bool has_exited_with(const core::Container& container, std::string_view state) const {
    if (!filters_.has("exited")) return true;
    return state != "running" && state != "created" &&
           filters_.matches_exactly("exited", std::to_string(container.state.exit_code));
  }

  bool has_ancestor(const core::Container& container) const {
    return !filters_.has("ancestor") ||
           std::find(ancestors_.begin(), ancestors_.end(), container.image_id) != ancestors_.end();
  }

  bool has_network(const core::Container& container) const {
    if (!filters_.has("network")) return true;
    return std::any_of(container.networks.begin(), container.networks.end(), [&](const auto& item) {
      return filters_.matches_exactly("network", item.first) ||
             filters_.matches_exactly("network", item.second.network_id);
    });
  }

  Filters filters_;
  bool all_ = false;
  int limit_ = -1;
  std::vector<std::string> ancestors_;
  std::optional<std::int64_t> before_;
  std::optional<std::int64_t> since_;
  std::set<std::string> exposed_;
  std::set<std::string> published_;
};

std::vector<core::Container> running(ApiServices& services, const Selection& selection) {
  std::vector<core::Container> containers;
  for (const core::EntryPointer& entry : services.containers.entries()) {
    if (entry->record.state.is_running() && selection.has(entry->record)) containers.push_back(entry->record);
  }
  return containers;
}

}  // namespace

Awaitable<void> list_containers(ApiServices& services, http::Exchange& exchange) {
  const Selection selection(services, exchange);
  const bool with_size = is_set(exchange, "size");
  std::map<std::string, std::int64_t> sizes;
  if (with_size) sizes = co_await services.sizes.measure(running(services, selection));
  const Time now = services.clock.now();
  // Written row by row: thousands of them would be a copy of the whole table.
  json::Writer rows;
  rows.begin_array();
  int count = 0;
  for (const core::EntryPointer& entry : services.containers.entries()) {
    if (!selection.has(entry->record)) continue;
    ContainerSummary row = summary_view(entry->record, now);
    if (!selection.has_ports(row.ports)) continue;
    if (with_size) add_size(services, sizes, row);
    rows.value(row);
    if (++count == selection.limit()) break;
  }
  rows.end_array();
  exchange.reply_text(http::Status::ok, "application/json", rows.take() + "\n");
}

}  // namespace sockerless::docker
