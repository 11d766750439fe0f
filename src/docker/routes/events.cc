#include <deque>

#include "docker/api.h"
#include "docker/filters.h"
#include "docker/stream_time.h"

namespace sockerless::docker {
namespace {

struct ActorView {
  std::string id;
  std::map<std::string, std::string> attributes;
  static constexpr auto fields() {
    return std::tuple{json::field("ID", &ActorView::id), json::field("Attributes", &ActorView::attributes)};
  }
};

// status, id and from are how events looked before 1.22; clients up to 1.51 still get them.
struct EventView {
  std::string status;
  std::string id;
  std::string from;
  std::string type;
  std::string action;
  ActorView actor;
  std::string scope = "local";
  std::int64_t time = 0;
  std::int64_t time_nano = 0;

  static constexpr auto fields() {
    using E = EventView;
    using json::Emit;
    using json::field;
    return std::tuple{field("status", &E::status, Emit::omit_empty),
                      field("id", &E::id, Emit::omit_empty),
                      field("from", &E::from, Emit::omit_empty),
                      field("Type", &E::type),
                      field("Action", &E::action),
                      field("Actor", &E::actor),
                      field("scope", &E::scope),
                      field("time", &E::time),
                      field("timeNano", &E::time_nano)};
  }
};

EventView view_of(const core::DockerEvent& event) {
  EventView view;
  const auto attribute = [&](const char* name) {
    const auto found = event.attributes.find(name);
    return found == event.attributes.end() ? std::string() : found->second;
  };
  if (event.type == "container" || event.type == "image") {
    view.status = event.action;
    view.id = event.id;
    view.from = attribute("image");
  }
  view.type = event.type;
  view.action = event.action;
  view.actor = {event.id, event.attributes};
  view.time_nano = event.time.time_since_epoch().count();
  view.time = view.time_nano / 1'000'000'000;
  return view;
}

class EventSelection {
 public:
  explicit EventSelection(http::Exchange& exchange)
      : filters_(Filters::parse(exchange.query("filters"),
                                {"config", "container", "daemon", "event", "image", "label", "network", "node",
                                 "plugin", "scope", "secret", "service", "type", "volume"})),
        since(parse_stream_time("since", exchange.query("since").value_or(""))),
        until(parse_stream_time("until", exchange.query("until").value_or(""))) {
    if (since && until && *since > *until) {
      throw Error(ErrorKind::invalid_argument, "`since` time cannot be after `until` time");
    }
  }

  bool has(const core::DockerEvent& event) const {
    const auto name = event.attributes.find("name");
    const std::string name_text = name == event.attributes.end() ? std::string() : name->second;
    return filters_.matches_exactly("type", event.type) && filters_.matches_exactly("event", event.action) &&
           filters_.matches_labels("label", event.attributes) &&
           (!filters_.has("container") ||
            (event.type == "container" &&
             (filters_.matches_exactly("container", event.id) || filters_.matches_exactly("container", name_text)))) &&
           (!filters_.has("image") || filters_.matches_exactly("image", name_text));
  }

 private:
  Filters filters_;

 public:
  std::optional<Time> since;
  std::optional<Time> until;
};

Awaitable<void> events(ApiServices& services, http::Exchange& exchange) {
  const EventSelection selection(exchange);
  std::deque<core::DockerEvent> waiting;
  Event arrived;
  if (selection.since) {
    for (const core::DockerEvent& event : services.events.recent()) {
      if (event.time >= *selection.since && selection.has(event)) waiting.push_back(event);
    }
  }
  const auto subscription = services.events.subscribe([&](const core::DockerEvent& event) {
    if (!selection.has(event)) return;
    waiting.push_back(event);
    arrived.pulse();
  });
  auto stream = co_await exchange.start_stream(http::Status::ok, "application/json");
  for (;;) {
    while (!waiting.empty()) {
      const core::DockerEvent event = std::move(waiting.front());
      waiting.pop_front();
      if (selection.until && event.time > *selection.until) continue;
      co_await stream.write(json::to_text(view_of(event)) + "\n");
    }
    if (!selection.until) {
      co_await arrived.wait();
      continue;
    }
    const auto left = *selection.until - services.clock.now();
    if (left <= left.zero()) break;
    co_await arrived.wait_for(services.clock, left);
  }
  co_await stream.finish();
}

}  // namespace

void add_event_routes(http::Router& router, ApiServices& services) {
  router.get("/events", [&services](http::Exchange& exchange) { return events(services, exchange); });
}

}  // namespace sockerless::docker
