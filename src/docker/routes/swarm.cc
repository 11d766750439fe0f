#include <fmt/format.h>

#include <array>

#include "docker/api.h"

// What a node outside a swarm answers, and an engine without plugins and experimental features.
namespace sockerless::docker {
namespace {

Awaitable<void> not_a_manager(http::Exchange&) {
  throw Error(ErrorKind::unavailable,
              "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this "
              "node to swarm and try again.");
  co_return;
}

Awaitable<void> not_in_a_swarm(http::Exchange&) {
  throw Error(ErrorKind::unavailable, "This node is not part of a swarm");
  co_return;
}

Awaitable<void> no_swarm_here(http::Exchange&) {
  throw Error(ErrorKind::not_implemented,
              "swarm mode is not supported: containers are ECS Fargate tasks, which ECS places");
  co_return;
}

Awaitable<void> list_plugins(http::Exchange& exchange) {
  exchange.reply_json(http::Status::ok, std::vector<std::string>());
  co_return;
}

Awaitable<void> no_such_plugin(http::Exchange& exchange) {
  throw Error(ErrorKind::not_found, fmt::format("plugin \"{}\" not found", exchange.param("name")));
  co_return;
}

Awaitable<void> no_plugins_here(http::Exchange&) {
  throw Error(ErrorKind::not_implemented, "plugins are not supported: a Fargate task cannot be given any");
  co_return;
}

Awaitable<void> needs_experimental(http::Exchange&) {
  throw Error(ErrorKind::not_implemented,
              "This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order "
              "to enable it.");
  co_return;
}

struct Row {
  const char* method;
  const char* pattern;
  Awaitable<void> (*answer)(http::Exchange&);
};

constexpr std::array kRows{
    Row{"GET", "/swarm", not_a_manager},
    Row{"POST", "/swarm/init", no_swarm_here},
    Row{"POST", "/swarm/join", no_swarm_here},
    Row{"POST", "/swarm/leave", not_in_a_swarm},
    Row{"POST", "/swarm/update", not_a_manager},
    Row{"GET", "/swarm/unlockkey", not_a_manager},
    Row{"POST", "/swarm/unlock", not_a_manager},
    Row{"GET", "/nodes", not_a_manager},
    Row{"GET", "/nodes/{id}", not_a_manager},
    Row{"DELETE", "/nodes/{id}", not_a_manager},
    Row{"POST", "/nodes/{id}/update", not_a_manager},
    Row{"GET", "/services", not_a_manager},
    Row{"POST", "/services/create", not_a_manager},
    Row{"GET", "/services/{id}", not_a_manager},
    Row{"DELETE", "/services/{id}", not_a_manager},
    Row{"POST", "/services/{id}/update", not_a_manager},
    Row{"GET", "/services/{id}/logs", not_a_manager},
    Row{"GET", "/tasks", not_a_manager},
    Row{"GET", "/tasks/{id}", not_a_manager},
    Row{"GET", "/tasks/{id}/logs", not_a_manager},
    Row{"GET", "/secrets", not_a_manager},
    Row{"POST", "/secrets/create", not_a_manager},
    Row{"GET", "/secrets/{id}", not_a_manager},
    Row{"DELETE", "/secrets/{id}", not_a_manager},
    Row{"POST", "/secrets/{id}/update", not_a_manager},
    Row{"GET", "/configs", not_a_manager},
    Row{"POST", "/configs/create", not_a_manager},
    Row{"GET", "/configs/{id}", not_a_manager},
    Row{"DELETE", "/configs/{id}", not_a_manager},
    Row{"POST", "/configs/{id}/update", not_a_manager},
    Row{"PUT", "/volumes/{name}", not_a_manager},
    Row{"GET", "/plugins", list_plugins},
    Row{"GET", "/plugins/privileges", no_plugins_here},
    Row{"POST", "/plugins/pull", no_plugins_here},
    Row{"POST", "/plugins/create", no_plugins_here},
    Row{"GET", "/plugins/{name*}/json", no_such_plugin},
    Row{"DELETE", "/plugins/{name*}", no_such_plugin},
    Row{"POST", "/plugins/{name*}/enable", no_such_plugin},
    Row{"POST", "/plugins/{name*}/disable", no_such_plugin},
    Row{"POST", "/plugins/{name*}/upgrade", no_such_plugin},
    Row{"POST", "/plugins/{name*}/push", no_such_plugin},
    Row{"POST", "/plugins/{name*}/set", no_such_plugin},
    Row{"GET", "/containers/{name}/checkpoints", needs_experimental},
    Row{"POST", "/containers/{name}/checkpoints", needs_experimental},
    Row{"DELETE", "/containers/{name}/checkpoints/{checkpoint}", needs_experimental},
};

}  // namespace

void add_swarm_routes(http::Router& router, ApiServices&) {
  for (const Row& row : kRows) router.add(row.method, row.pattern, row.answer);
}

}  // namespace sockerless::docker
