#pragma once

#include <string>

#include "core/archives.h"
#include "core/changed_sizes.h"
#include "core/containers.h"
#include "core/events.h"
#include "core/execs.h"
#include "core/images.h"
#include "core/statistics.h"
#include "docker/version.h"
#include "http/exchange.h"
#include "http/router.h"

namespace sockerless::core::build {
class Builder;
}

namespace sockerless::docker {

// What `docker info` and `docker version` say of this daemon.
struct DaemonFacts {
  std::string id;  // of this installation
  std::string host_name;
  std::string version;       // ours
  std::string architecture;  // of the tasks, in Go's words: amd64, arm64
  std::string kernel_version;
};

// What the routes work with; all outlive the API.
struct ApiServices {
  Clock& clock;
  core::Containers& containers;
  core::Execs& execs;
  core::Images& images;
  core::Events& events;
  core::Volumes& volumes;
  core::Networks& networks;
  core::Statistics& statistics;
  core::Archives& archives;
  core::ChangedSizes& sizes;
  core::build::Builder& builder;
  DaemonFacts facts;
};

// The Docker Engine API: takes the version off the path, finds the route, gives every reply the
// headers that clients expect, and turns errors into Docker's bodies.
class Api {
 public:
  explicit Api(ApiServices services);

  Awaitable<void> handle(http::Exchange& exchange);

  const http::Router& router() const { return router_; }

 private:
  ApiServices services_;
  http::Router router_;
};

// The version that the client asked for.
ApiVersion version_of(const http::Exchange& exchange);

// A flag of the query: false for "", "0", "no", "false" and "none", as moby reads them.
bool is_set(const http::Exchange& exchange, std::string_view name);

// A number in decimal. Throws Error(invalid_argument) in Go's words.
int parse_number(std::string_view text);

// The headers of every reply, as lines.
const std::string& common_headers();

// The size of a terminal in the query: h and w. Throws Error(invalid_argument).
core::TerminalSize terminal_size(const http::Exchange& exchange);

// The JSON body. Throws Error(invalid_argument) in Docker's words for a missing body, another
// content type or malformed JSON, Error(too_large) above 16 MiB.
Awaitable<std::string> read_json_text(http::Exchange& exchange);

// Throws Error(invalid_argument) that says that the JSON is at fault.
template <typename T>
T parse_json(const std::string& text) {
  try {
    return json::parse<T>(text);
  } catch (const Error& error) {
    const std::string what = error.what();
    throw Error(error.kind(), what.starts_with("invalid JSON") ? what : "invalid JSON: " + what);
  }
}

void add_system_routes(http::Router& router, ApiServices& services);
void add_container_routes(http::Router& router, ApiServices& services);
void add_attach_routes(http::Router& router, ApiServices& services);
void add_exec_routes(http::Router& router, ApiServices& services);
void add_archive_routes(http::Router& router, ApiServices& services);
void add_statistics_routes(http::Router& router, ApiServices& services);
void add_log_routes(http::Router& router, ApiServices& services);
void add_event_routes(http::Router& router, ApiServices& services);
void add_image_routes(http::Router& router, ApiServices& services);
void add_image_action_routes(http::Router& router, ApiServices& services);
void add_container_update_routes(http::Router& router, ApiServices& services);
void add_registry_routes(http::Router& router, ApiServices& services);
void add_disk_usage_routes(http::Router& router, ApiServices& services);
void add_build_routes(http::Router& router, ApiServices& services);
void add_network_routes(http::Router& router, ApiServices& services);
void add_volume_routes(http::Router& router, ApiServices& services);
void add_swarm_routes(http::Router& router, ApiServices& services);

}  // namespace sockerless::docker
