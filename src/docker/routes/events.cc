#include <fmt/format.h>

#include <array>
#include <deque>
#include <memory>
#include <utility>

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

// The line of an event, made once for all who listen: subscribers are told of it one after the other.
class EventLines {
 public:
  using Line = std::shared_ptr<const std::string>;

  Line line_of(const core::DockerEvent& event) {
    if (!line_ || !is_last(event)) {
      last_ = event;
      line_ = std::make_shared<const std::string>(json::to_text(view_of(event)) + "\n");
    }
    return line_;
  }

 private:
  bool is_last(const core::DockerEvent& event) const {
    return event.time == last_.time && event.id == last_.id && event.action == last_.action &&
           event.type == last_.type && event.attributes == last_.attributes;
  }

  core::DockerEvent last_;
  Line line_;
};

// An event that waits to be written to one client.
struct WaitingEvent {
  Time time;
  EventLines::Line line;
};

class EventSelection {
 public:
  explicit EventSelection(http::Exchange& exchange)
      : filters_(Filters::parse(exchange.query("filters"),
                                {"config", "container", "daemon", "event", "image", "label", "network", "node",
                                 "plugin", "scope", "secret", "service", "type", "volume"})),
        since(parse_stream_time("since", exchange.query("since").value_or(""))),
        until(parse_stream_time("until", exchange.query("until").value_or(""))) {
    if (since && until && *since > *until) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("`since` time ({}) cannot be after `until` time ({})",
                              exchange.query("since").value_or(""), exchange.query("until").value_or("")));
    }
  }

  bool has(const core::DockerEvent& event) const {
    const bool is_of_objects =
        std::all_of(kObjects.begin(), kObjects.end(), [&](std::string_view type) { return is_of(type, event); });
    // "exec_create" and "health_status" mean all of their events.
    const std::string kind = event.action.substr(0, event.action.find(':'));
    return is_of_objects && filters_.matches_exactly("type", event.type) &&
           (filters_.matches_exactly("event", event.action) || filters_.matches_exactly("event", kind)) &&
           filters_.matches_labels("label", event.attributes) && filters_.matches_exactly("scope", "local") &&
           has_image(event);
  }

 private:
  static constexpr std::array<std::string_view, 9> kObjects{"config", "container", "daemon",  "network", "node",
                                                            "plugin", "secret",    "service", "volume"};

  static std::string attribute(const core::DockerEvent& event, const char* name) {
    const auto found = event.attributes.find(name);
    return found == event.attributes.end() ? std::string() : found->second;
  }

  // An object is named by its id, the beginning of it, or its name.
  bool is_of(std::string_view type, const core::DockerEvent& event) const {
    if (!filters_.has(type)) return true;
    if (event.type != type) return false;
    const auto& wanted = filters_.values(type);
    const std::string name = attribute(event, "name");
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const std::string& text) { return event.id.starts_with(text) || name == text; });
  }

  bool has_image(const core::DockerEvent& event) const {
    if (!filters_.has("image")) return true;
    const std::string name = attribute(event, event.type == "container" ? "image" : "name");
    return filters_.matches_exactly("image", event.id) || filters_.matches_exactly("image", name) ||
           filters_.matches_exactly("image", name.substr(0, name.rfind(':')));
  }

  Filters filters_;

 public:
  std::optional<Time> since;
  std::optional<Time> until;
};

Awaitable<void> events(ApiServices& services, EventLines& lines, http::Exchange& exchange) {
  const EventSelection selection(exchange);
  std::deque<WaitingEvent> waiting;
  Event arrived;
  if (selection.since) {
    for (const core::DockerEvent& event : services.events.recent()) {
      if (event.time >= *selection.since && selection.has(event)) {
        waiting.push_back({event.time, lines.line_of(event)});
      }
    }
  }
  const auto subscription = services.events.subscribe([&](const core::DockerEvent& event) {
    if (!selection.has(event)) return;
    waiting.push_back({event.time, lines.line_of(event)});
    arrived.pulse();
  });
  auto stream = co_await exchange.start_stream(http::Status::ok, "application/json");
  for (;;) {
    while (!waiting.empty()) {
      // What has queued up goes out in one write.
      std::string text;
      for (const WaitingEvent& event : std::exchange(waiting, {})) {
        if (!selection.until || event.time <= *selection.until) text += *event.line;
      }
      if (!text.empty()) co_await stream.write(std::move(text));
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
  router.get("/events", [&services, lines = std::make_shared<EventLines>()](http::Exchange& exchange) {
    return events(services, *lines, exchange);
  });
}

}  // namespace sockerless::docker
