#include <fmt/format.h>

#include "docker/api.h"
#include "docker/filters.h"
#include "docker/types/volume_view.h"

namespace sockerless::docker {

VolumeView volume_view(const core::VolumeRecord& volume) {
  VolumeView view;
  view.created_at =
      format_rfc3339_nano(Time(std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(volume.created_at))));
  view.driver = volume.driver;
  view.labels = volume.labels;
  view.mountpoint = core::volume_path(volume.name);
  view.name = volume.name;
  view.options = volume.options;
  return view;
}

namespace {

constexpr ApiVersion kNamedVolumesStay{1, 42};  // from here on prune takes anonymous volumes only

Awaitable<void> list(ApiServices& services, http::Exchange& exchange) {
  const Filters filters = Filters::parse(exchange.query("filters"), {"dangling", "driver", "label", "name"});
  const auto dangling = filters.flag("dangling");
  const auto counts = services.volumes.use_counts();
  VolumeList rows;
  for (const core::VolumeRecord& volume : services.volumes.all()) {
    const bool is_dangling = !counts.contains(volume.name);
    if ((dangling && *dangling != is_dangling) || !filters.matches_exactly("driver", volume.driver) ||
        !filters.matches_pattern("name", volume.name) || !filters.matches_labels("label", volume.labels)) {
      continue;
    }
    rows.volumes.push_back(volume_view(volume));
  }
  exchange.reply_json(http::Status::ok, rows);
  co_return;
}

Awaitable<void> create(ApiServices& services, http::Exchange& exchange) {
  const auto body = parse_json<VolumeCreateRequest>(co_await read_json_text(exchange));
  if (body.cluster_volume_spec) {
    throw Error(ErrorKind::unavailable,
                "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this "
                "node to swarm and try again.");
  }
  const auto volume = co_await services.volumes.create(
      {.name = body.name, .driver = body.driver, .labels = body.labels, .options = body.driver_options});
  exchange.reply_json(http::Status::created, volume_view(volume));
}

Awaitable<void> inspect(ApiServices& services, http::Exchange& exchange) {
  exchange.reply_json(http::Status::ok, volume_view(services.volumes.get(exchange.param("name"))));
  co_return;
}

Awaitable<void> remove(ApiServices& services, http::Exchange& exchange) {
  co_await services.volumes.remove(exchange.param("name"), is_set(exchange, "force"));
  exchange.reply(http::Status::no_content);
}

Awaitable<void> prune(ApiServices& services, http::Exchange& exchange) {
  const Filters filters = Filters::parse(exchange.query("filters"), {"all", "label", "label!"});
  const bool takes_named = version_of(exchange) < kNamedVolumesStay || filters.flag("all").value_or(false);
  VolumePruneReport report;
  report.deleted = co_await services.volumes.prune([&](const core::VolumeRecord& volume) {
    return (takes_named || volume.anonymous) && filters.matches_labels("label", volume.labels) &&
           filters.lacks_labels("label!", volume.labels);
  });
  exchange.reply_json(http::Status::ok, report);
}

}  // namespace

void add_volume_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.get("/volumes", bind(list));
  router.post("/volumes/create", bind(create));
  router.post("/volumes/prune", bind(prune));
  router.get("/volumes/{name}", bind(inspect));
  router.del("/volumes/{name}", bind(remove));
}

}  // namespace sockerless::docker
