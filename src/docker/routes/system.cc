#include <fmt/format.h>

#include "docker/api.h"
#include "docker/types/container_view.h"
#include "docker/types/system.h"

namespace sockerless::docker {
namespace {

// Clients negotiate the version by the headers of this reply, GET or HEAD.
Awaitable<void> ping(ApiServices&, http::Exchange& exchange) {
  // Builder-Version 1 is the classic builder.
  exchange.add_header_lines(
      "Builder-Version: 1\r\nSwarm: inactive\r\n"
      "Cache-Control: no-cache, no-store, must-revalidate\r\nPragma: no-cache\r\n");
  exchange.reply_text(http::Status::ok, "text/plain; charset=utf-8", "OK");
  co_return;
}

Awaitable<void> version(ApiServices& services, http::Exchange& exchange) {
  const DaemonFacts& facts = services.facts;
  VersionView view;
  view.platform.name = "Sockerless " + facts.version;
  view.version = kEngineVersion;
  view.api_version = kNewest.text();
  view.min_api_version = kOldest.text();
  view.git_commit = "sockerless";
  view.go_version = "none";
  view.arch = facts.architecture;
  view.kernel_version = facts.kernel_version;
  view.components = {{"Engine",
                      std::string(kEngineVersion),
                      {{"ApiVersion", view.api_version},
                       {"Arch", facts.architecture},
                       {"BuildTime", ""},
                       {"Experimental", "false"},
                       {"GitCommit", view.git_commit},
                       {"GoVersion", view.go_version},
                       {"KernelVersion", facts.kernel_version},
                       {"MinAPIVersion", view.min_api_version},
                       {"Os", "linux"}}},
                     {"sockerlessd", facts.version, {}}};
  exchange.reply_json(http::Status::ok, view);
  co_return;
}

Awaitable<void> info(ApiServices& services, http::Exchange& exchange) {
  InfoView view;
  for (const core::Container& container : services.containers.all()) {
    ++view.containers;
    if (container.state.status == core::Status::running) {
      ++view.running;
    } else {
      ++view.stopped;
    }
  }
  const DaemonFacts& facts = services.facts;
  view.id = facts.id;
  view.images = static_cast<int>(services.images.all().size());
  view.driver = kStorageDriver;
  view.driver_status = {{"Launch Type", "FARGATE"}};
  view.system_time = format_rfc3339_nano(services.clock.now());
  view.kernel_version = facts.kernel_version;
  view.architecture = facts.architecture == "arm64" ? "aarch64" : "x86_64";
  view.name = facts.host_name;
  view.event_listeners = static_cast<int>(services.events.listeners());
  view.server_version = kEngineVersion;
  exchange.reply_json(http::Status::ok, view);
  co_return;
}

}  // namespace

void add_system_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.get("/_ping", bind(ping));
  router.head("/_ping", bind(ping));
  router.get("/version", bind(version));
  router.get("/info", bind(info));
}

}  // namespace sockerless::docker
