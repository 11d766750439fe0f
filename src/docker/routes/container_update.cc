#include <fmt/format.h>

#include "docker/api.h"
#include "docker/filters.h"
#include "docker/until_filter.h"

namespace sockerless::docker {
namespace {

struct UpdateRequest : core::Resources {
  std::optional<core::RestartPolicy> restart_policy;
  static constexpr auto fields() {
    return std::tuple_cat(core::Resources::fields(),
                          std::tuple{json::field("RestartPolicy", &UpdateRequest::restart_policy)});
  }
};

struct UpdateResponse {
  std::vector<std::string> warnings;
  static constexpr auto fields() {
    return std::tuple{json::field("Warnings", &UpdateResponse::warnings, json::Emit::null_if_empty)};
  }
};

struct PruneReport {
  std::vector<std::string> deleted;
  std::int64_t space_reclaimed = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("ContainersDeleted", &PruneReport::deleted, json::Emit::null_if_empty),
                      json::field("SpaceReclaimed", &PruneReport::space_reclaimed)};
  }
};

Awaitable<void> update(ApiServices& services, http::Exchange& exchange) {
  auto body = parse_json<UpdateRequest>(co_await read_json_text(exchange));
  core::ContainerUpdate update;
  update.restart_policy = body.restart_policy;
  update.resources = std::move(body);
  UpdateResponse response{co_await services.containers.update(exchange.param("name"), std::move(update))};
  exchange.reply_json(http::Status::ok, response);
}

Awaitable<void> prune(ApiServices& services, http::Exchange& exchange) {
  const Filters filters = Filters::parse(exchange.query("filters"), {"label", "label!", "until"});
  const auto until = parse_until_filter(filters, services.clock.now());
  PruneReport report;
  report.deleted = co_await services.containers.prune([&](const core::Container& container) {
    return (!until || container.created_at < until->time_since_epoch().count()) &&
           filters.matches_labels("label", container.config.labels) &&
           filters.lacks_labels("label!", container.config.labels);
  });
  exchange.reply_json(http::Status::ok, report);
}

}  // namespace

void add_container_update_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.post("/containers/prune", bind(prune));
  router.post("/containers/{name}/update", bind(update));
}

}  // namespace sockerless::docker
