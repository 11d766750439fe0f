#include <fmt/format.h>

#include "core/signal.h"
#include "docker/api.h"
#include "docker/types/container_create.h"
#include "docker/types/container_view.h"

namespace sockerless::docker {

Awaitable<void> list_containers(ApiServices& services, http::Exchange& exchange);

namespace {

struct WaitError {
  std::string message;
  static constexpr auto fields() { return std::tuple{json::field("Message", &WaitError::message)}; }
};

struct WaitResponse {
  int status_code = 0;
  std::optional<WaitError> error;
  static constexpr auto fields() {
    return std::tuple{json::field("StatusCode", &WaitResponse::status_code),
                      json::field("Error", &WaitResponse::error, json::Emit::omit_empty)};
  }
};

// A body that says nothing of the container itself.
bool has_config(const json::Value& body) {
  const auto* object = body.if_object();
  if (object == nullptr) return false;
  return std::apply(
      [&](const auto&... fields) { return ((json::find_member(*object, fields.name) != nullptr) || ...); },
      core::ContainerConfig::fields());
}

Awaitable<void> create(ApiServices& services, http::Exchange& exchange) {
  const std::string text = co_await read_json_text(exchange);
  auto body = parse_json<ContainerCreateRequest>(text);
  if (!has_config(json::parse_value(text))) {
    throw Error(ErrorKind::invalid_argument, "config cannot be empty in order to create a container");
  }
  core::CreateRequest request;
  request.name = exchange.query("name").value_or("");
  request.config = body;
  request.host_config = std::move(body.host_config);
  for (const auto& [network, endpoint] : body.networking_config.endpoints) {
    request.endpoints[network] = wanted_endpoint(endpoint);
  }
  if (const auto platform = exchange.query("platform"); platform && !platform->empty()) {
    request.platform = core::parse_platform(*platform);
  }
  auto result = co_await services.containers.create(std::move(request));
  exchange.reply_json(http::Status::created, ContainerCreateResponse{result.id, std::move(result.warnings)});
}

Awaitable<void> inspect(ApiServices& services, http::Exchange& exchange) {
  const core::Container container = services.containers.get(exchange.param("name"));
  auto view = inspect_view(container);
  view.exec_ids = services.execs.ids_of(container.id);
  if (is_set(exchange, "size")) {
    const auto sizes = co_await services.sizes.measure({container});
    const auto found = sizes.find(container.id);
    view.size_rw = found == sizes.end() ? 0 : found->second;
    view.size_root_fs = services.images.size_of(container.image_id) + *view.size_rw;
  }
  exchange.reply_json(http::Status::ok, view);
}

Awaitable<void> start(ApiServices& services, http::Exchange& exchange) {
  const std::string body = co_await exchange.read_body(16 * 1024);
  // "{}" is what some clients send for nothing.
  if (body.size() > 2) {
    throw Error(ErrorKind::invalid_argument,
                "starting container with non-empty request body was deprecated since API v1.22 and "
                "removed in v1.24");
  }
  co_await services.containers.start(exchange.param("name"));
  exchange.reply(http::Status::no_content);
}

core::StopRequest stop_request(const http::Exchange& exchange, std::string_view doing) {
  core::StopRequest request;
  const std::string seconds = exchange.query("t").value_or("");
  if (!seconds.empty()) request.seconds = parse_number(seconds);
  const std::string signal = exchange.query("signal").value_or("");
  if (signal.empty() || version_of(exchange) < ApiVersion{1, 42}) return request;
  try {
    request.signal = core::parse_signal(signal);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("cannot {} container: {}: {}", doing, exchange.param("name"), error.what()));
  }
  return request;
}

Awaitable<void> stop(ApiServices& services, http::Exchange& exchange) {
  co_await services.containers.stop(exchange.param("name"), stop_request(exchange, "stop"));
  exchange.reply(http::Status::no_content);
}

Awaitable<void> restart(ApiServices& services, http::Exchange& exchange) {
  co_await services.containers.restart(exchange.param("name"), stop_request(exchange, "restart"));
  exchange.reply(http::Status::no_content);
}

Awaitable<void> kill(ApiServices& services, http::Exchange& exchange) {
  const std::string name = exchange.param("name");
  const std::string signal = exchange.query("signal").value_or("");
  try {
    const int number = core::parse_signal(signal.empty() ? "KILL" : signal);
    co_await services.containers.kill(name, number);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("cannot kill container: {}: {}", name, error.what()));
  }
  exchange.reply(http::Status::no_content);
}

Awaitable<void> remove(ApiServices& services, http::Exchange& exchange) {
  co_await services.containers.remove(exchange.param("name"), is_set(exchange, "force"), is_set(exchange, "v"));
  exchange.reply(http::Status::no_content);
}

Awaitable<void> rename(ApiServices& services, http::Exchange& exchange) {
  co_await services.containers.rename(exchange.param("name"), exchange.query("name").value_or(""));
  exchange.reply(http::Status::no_content);
}

core::WaitCondition parse_condition(const std::string& text) {
  if (text.empty() || text == "not-running") return core::WaitCondition::not_running;
  if (text == "next-exit") return core::WaitCondition::next_exit;
  if (text == "removed") return core::WaitCondition::removed;
  throw Error(ErrorKind::invalid_argument, fmt::format("invalid condition: \"{}\"", text));
}

// The head goes out before anything is waited for: clients send their start only when they have it.
Awaitable<void> wait(ApiServices& services, http::Exchange& exchange) {
  const auto condition = parse_condition(exchange.query("condition").value_or(""));
  core::ExitWait waiting = services.containers.wait(exchange.param("name"), condition);
  auto stream = co_await exchange.start_stream(http::Status::ok, "application/json");
  const auto outcome = co_await waiting.outcome();
  WaitResponse response{outcome.exit_code, std::nullopt};
  if (!outcome.error.empty()) response.error = WaitError{outcome.error};
  co_await stream.write(json::to_text(response) + "\n");
  co_await stream.finish();
}

Awaitable<void> resize(ApiServices& services, http::Exchange& exchange) {
  const core::TerminalSize size = terminal_size(exchange);
  co_await services.containers.resize(exchange.param("name"), size.rows, size.columns);
  exchange.reply(http::Status::ok);
}

Awaitable<void> pause(ApiServices& services, http::Exchange& exchange) {
  services.containers.get(exchange.param("name"));
  throw Error(ErrorKind::not_implemented, "pausing is not supported: an ECS Fargate task cannot be paused");
  co_return;
}

}  // namespace

void add_container_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.get("/containers/json", bind(list_containers));
  router.post("/containers/create", bind(create));
  router.get("/containers/{name}/json", bind(inspect));
  router.post("/containers/{name}/start", bind(start));
  router.post("/containers/{name}/stop", bind(stop));
  router.post("/containers/{name}/restart", bind(restart));
  router.post("/containers/{name}/kill", bind(kill));
  router.post("/containers/{name}/rename", bind(rename));
  router.post("/containers/{name}/wait", bind(wait));
  router.post("/containers/{name}/resize", bind(resize));
  router.post("/containers/{name}/pause", bind(pause));
  router.post("/containers/{name}/unpause", bind(pause));
  router.del("/containers/{name}", bind(remove));
}

}  // namespace sockerless::docker
