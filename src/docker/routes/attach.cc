#include "core/errors.h"
#include "docker/api.h"
#include "docker/client_stream.h"
#include "docker/detach_keys.h"
#include "docker/http_error.h"
#include "docker/websocket_connection.h"

namespace sockerless::docker {
namespace {

constexpr std::size_t kLargestBody = 16 * 1024;  // it is not looked at

struct AttachRequest {
  std::string name;
  bool with_stream = false;
  bool with_logs = false;
  core::AttachStreams streams;
  ClientStream stream;
};

// moby writes attach's errors as plain text, not as its JSON.
void reply_plain_error(http::Exchange& exchange, const Error& error) {
  exchange.reply_text(status_of(error.kind()), "application/vnd.docker.raw-stream", std::string(error.what()) + "\r\n");
}

// Without the stream, and with a stream of what was not asked for, nothing follows the logs.
AttachRequest parse(ApiServices& services, http::Exchange& exchange) {
  AttachRequest request;
  request.name = exchange.param("name");
  request.stream.detach_keys = parse_detach_keys(exchange.query("detachKeys").value_or(""));
  const core::Container container = services.containers.get(request.name);
  if (container.state.restarting && !container.state.is_running()) throw core::container_is_restarting(request.name);
  const core::ContainerConfig& config = container.config;
  request.with_stream = is_set(exchange, "stream");
  request.with_logs = is_set(exchange, "logs");
  request.streams = {.standard_in = is_set(exchange, "stdin") && config.open_stdin,
                     .standard_out = is_set(exchange, "stdout"),
                     .standard_error = is_set(exchange, "stderr")};
  request.stream.is_multiplexed = !config.tty;
  request.stream.tty = config.tty;
  request.stream.with_input = request.streams.standard_in;
  request.stream.ends_input = config.stdin_once && !config.tty;
  return request;
}

Awaitable<void> copy_logs(ApiServices& services, std::string name, bool is_multiplexed, http::Connection& connection) {
  const auto reader = services.containers.logs(name, {});
  while (auto line = co_await reader->next()) {
    co_await write_output(connection, is_multiplexed, 1, line->message + "\n");
  }
}

Awaitable<void> serve(ApiServices& services, AttachRequest request, std::unique_ptr<http::Connection> connection,
                      std::unique_ptr<core::AttachSession> session) {
  if (request.with_logs) co_await copy_logs(services, request.name, request.stream.is_multiplexed, *connection);
  if (!session) {
    connection->shutdown_send();
    co_return;
  }
  const ClientEnd end =
      co_await serve_client(services.clock, std::move(connection), std::move(session), std::move(request.stream));
  if (end == ClientEnd::detached) services.containers.note_detached(request.name);
}

// Every error is found before the upgrade: behind it, text would be taken for output. The client is
// registered before it gets its 101, so that it misses nothing.
Awaitable<void> attach(ApiServices& services, http::Exchange& exchange) {
  AttachRequest request;
  std::unique_ptr<core::AttachSession> session;
  std::optional<Error> refusal;
  try {
    co_await exchange.read_body(kLargestBody);
    request = parse(services, exchange);
    if (request.with_stream) session = co_await services.containers.attach(request.name, request.streams);
  } catch (const Error& error) {
    refusal = error;
  }
  if (refusal) {
    reply_plain_error(exchange, *refusal);
    co_return;
  }
  auto connection = co_await exchange.take_over(upgrade_head(exchange, request.stream.is_multiplexed));
  co_await serve(services, std::move(request), std::move(connection), std::move(session));
}

// The same over a WebSocket, for clients in browsers: what the container writes arrives in binary
// messages as it is, stdout and stderr in one.
Awaitable<void> attach_websocket(ApiServices& services, http::Exchange& exchange) {
  co_await exchange.read_body(kLargestBody);
  AttachRequest request = parse(services, exchange);
  const auto head = websocket_upgrade_head(exchange);
  if (!head) {
    exchange.reply_text(http::Status::bad_request, "text/plain; charset=utf-8", "not websocket protocol");
    co_return;
  }
  request.stream.is_multiplexed = false;
  std::unique_ptr<core::AttachSession> session;
  if (request.with_stream) session = co_await services.containers.attach(request.name, request.streams);
  auto connection = websocket_connection(co_await exchange.take_over(*head));
  co_await serve(services, std::move(request), std::move(connection), std::move(session));
}

}  // namespace

void add_attach_routes(http::Router& router, ApiServices& services) {
  router.post("/containers/{name}/attach",
              [&services](http::Exchange& exchange) { return attach(services, exchange); });
  router.get("/containers/{name}/attach/ws",
             [&services](http::Exchange& exchange) { return attach_websocket(services, exchange); });
}

}  // namespace sockerless::docker
