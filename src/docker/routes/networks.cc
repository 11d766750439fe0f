#include <fmt/format.h>

#include "base/time.h"
#include "docker/api.h"
#include "docker/filters.h"
#include "docker/types/network_view.h"
#include "docker/until_filter.h"

namespace sockerless::docker {
namespace {

NetworkInspectView network_view(const core::NetworkRecord& network) {
  NetworkInspectView view;
  view.name = network.name;
  view.id = network.id;
  view.created = format_rfc3339_nano(Time(std::chrono::nanoseconds(network.created_at)));
  view.driver = network.driver;
  view.enable_ipv4 = network.enable_ipv4;
  view.enable_ipv6 = network.enable_ipv6;
  view.ipam = network.ipam;
  view.internal = network.internal;
  view.attachable = network.attachable;
  view.options = network.options;
  view.labels = network.labels;
  return view;
}

NetworkInspectView network_with_containers(ApiServices& services, const core::NetworkRecord& network) {
  NetworkInspectView view = network_view(network);
  for (const core::EntryPointer& entry : services.networks.members(network)) {
    const core::EndpointSettings& endpoint = entry->record.networks.at(network.name);
    NetworkContainerView& container = view.containers[entry->record.id];
    container.name = entry->record.name;
    container.endpoint_id = endpoint.endpoint_id;
    container.mac_address = endpoint.mac_address;
    if (endpoint.ip_address.empty()) continue;
    container.ipv4_address = fmt::format("{}/{}", endpoint.ip_address, endpoint.prefix_length);
  }
  return view;
}

bool has_type(const Filters& filters, const core::NetworkRecord& network) {
  for (const std::string& type : filters.values("type")) {
    if (type == "custom" || type == "builtin") continue;
    throw Error(ErrorKind::invalid_argument, fmt::format("invalid filter: 'type'='{}'", type));
  }
  return filters.matches_exactly("type", core::is_predefined_network(network.name) ? "builtin" : "custom");
}

Awaitable<void> list(ApiServices& services, http::Exchange& exchange) {
  const Filters filters =
      Filters::parse(exchange.query("filters"), {"dangling", "driver", "id", "label", "name", "scope", "type"});
  const auto dangling = filters.flag("dangling");
  std::vector<NetworkInspectView> rows;
  for (const core::NetworkRecord& network : services.networks.all()) {
    if (!has_type(filters, network) || !filters.matches_exactly("driver", network.driver) ||
        !filters.matches_exactly("scope", "local") || !filters.matches_pattern("id", network.id) ||
        !filters.matches_pattern("name", network.name) || !filters.matches_labels("label", network.labels)) {
      continue;
    }
    const bool is_dangling = !core::is_predefined_network(network.name) && services.networks.members(network).empty();
    if (!dangling || *dangling == is_dangling) rows.push_back(network_view(network));
  }
  exchange.reply_json(http::Status::ok, rows);
  co_return;
}

Awaitable<void> create(ApiServices& services, http::Exchange& exchange) {
  auto body = parse_json<NetworkCreateRequest>(co_await read_json_text(exchange));
  if (body.ingress || body.config_only || body.scope == "swarm") {
    throw Error(ErrorKind::unavailable,
                "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this "
                "node to swarm and try again.");
  }
  core::NetworkRecord wanted;
  wanted.name = std::move(body.name);
  wanted.driver = std::move(body.driver);
  wanted.enable_ipv4 = body.enable_ipv4.value_or(true);
  wanted.enable_ipv6 = body.enable_ipv6;
  wanted.internal = body.internal;
  wanted.attachable = body.attachable;
  wanted.ipam = std::move(body.ipam);
  wanted.options = std::move(body.options);
  wanted.labels = std::move(body.labels);
  const auto network = co_await services.networks.create(std::move(wanted));
  exchange.reply_json(http::Status::created, NetworkCreateResponse{network.id, ""});
}

Awaitable<void> inspect(ApiServices& services, http::Exchange& exchange) {
  exchange.reply_json(http::Status::ok, network_with_containers(services, services.networks.get(exchange.param("id"))));
  co_return;
}

Awaitable<void> remove(ApiServices& services, http::Exchange& exchange) {
  co_await services.networks.remove(exchange.param("id"));
  exchange.reply(http::Status::no_content);
}

Awaitable<void> connect(ApiServices& services, http::Exchange& exchange) {
  const auto body = parse_json<NetworkConnectRequest>(co_await read_json_text(exchange));
  co_await services.containers.connect(exchange.param("id"), body.container, wanted_endpoint(body.endpoint));
  exchange.reply(http::Status::ok);
}

Awaitable<void> disconnect(ApiServices& services, http::Exchange& exchange) {
  const auto body = parse_json<NetworkDisconnectRequest>(co_await read_json_text(exchange));
  co_await services.containers.disconnect(exchange.param("id"), body.container, body.force);
  exchange.reply(http::Status::ok);
}

Awaitable<void> prune(ApiServices& services, http::Exchange& exchange) {
  const Filters filters = Filters::parse(exchange.query("filters"), {"label", "label!", "until"});
  const auto until = parse_until_filter(filters, services.clock.now());
  NetworkPruneReport report;
  report.deleted = co_await services.networks.prune([&](const core::NetworkRecord& network) {
    return (!until || Time(std::chrono::nanoseconds(network.created_at)) < *until) &&
           filters.matches_labels("label", network.labels) && filters.lacks_labels("label!", network.labels);
  });
  exchange.reply_json(http::Status::ok, report);
}

}  // namespace

void add_network_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.get("/networks", bind(list));
  router.get("/networks/", bind(list));
  router.post("/networks/create", bind(create));
  router.post("/networks/prune", bind(prune));
  router.get("/networks/{id}", bind(inspect));
  router.del("/networks/{id}", bind(remove));
  router.post("/networks/{id}/connect", bind(connect));
  router.post("/networks/{id}/disconnect", bind(disconnect));
}

}  // namespace sockerless::docker
