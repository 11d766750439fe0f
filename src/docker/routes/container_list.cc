#include <fmt/format.h>

#include <array>
#include <charconv>

#include "docker/api.h"
#include "docker/filters.h"
#include "docker/types/container_view.h"

namespace sockerless::docker {
namespace {

constexpr std::array<std::string_view, 7> kStates{"created",  "running", "paused", "restarting",
                                                  "removing", "exited",  "dead"};

int parse_number(std::string_view text) {
  int number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) {
    throw Error(ErrorKind::invalid_argument, fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", text));
  }
  return number;
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
    if (!all_ && state != "running") return false;
    if (before_ && container.created_at >= *before_) return false;
    if (since_ && container.created_at <= *since_) return false;
    return filters_.matches_pattern("id", container.id) && has_name(container) &&
           filters_.matches_labels("label", container.config.labels) && filters_.matches_exactly("status", state) &&
           has_exited_with(container, state) && has_ancestor(container) &&
           filters_.matches_exactly("is-task", "false") && filters_.matches_exactly("health", "none") &&
           has_network(container);
  }

 private:
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
    const std::string& mode = container.host_config.network_mode;
    return filters_.matches_exactly("network", mode == "default" ? "bridge" : mode) ||
           std::any_of(container.networks.begin(), container.networks.end(),
                       [&](const auto& item) { return filters_.matches_exactly("network", item.first); });
  }

  Filters filters_;
  bool all_ = false;
  int limit_ = -1;
  std::vector<std::string> ancestors_;
  std::optional<std::int64_t> before_;
  std::optional<std::int64_t> since_;
};

}  // namespace

Awaitable<void> list_containers(ApiServices& services, http::Exchange& exchange) {
  const Selection selection(services, exchange);
  const bool with_size = is_set(exchange, "size");
  const Time now = services.clock.now();
  std::vector<ContainerSummary> rows;
  for (const core::Container& container : services.containers.all()) {
    if (!selection.has(container)) continue;
    rows.push_back(summary_view(container, now));
    if (with_size) rows.back().size_root_fs = 0;
    if (selection.limit() > 0 && static_cast<int>(rows.size()) == selection.limit()) break;
  }
  exchange.reply_json(http::Status::ok, rows);
  co_return;
}

}  // namespace sockerless::docker
