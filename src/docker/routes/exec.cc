#include "docker/types/exec.h"
#include "base/base64.h"
#include "docker/api.h"
#include "docker/client_stream.h"
#include "docker/detach_keys.h"

namespace sockerless::docker {
namespace {

constexpr ApiVersion kConsoleSize{1, 42};

std::optional<core::TerminalSize> console_size(const http::Exchange& exchange, const std::vector<std::int64_t>& size) {
  if (size.size() != 2 || version_of(exchange) < kConsoleSize) return std::nullopt;
  return core::TerminalSize{.rows = static_cast<int>(size[0]), .columns = static_cast<int>(size[1])};
}

Awaitable<void> create(ApiServices& services, http::Exchange& exchange) {
  auto body = parse_json<ExecCreateRequest>(co_await read_json_text(exchange));
  parse_detach_keys(body.detach_keys);
  core::ExecCommand command;
  command.arguments = std::move(body.cmd);
  command.environment = std::move(body.env);
  command.working_directory = std::move(body.working_dir);
  command.user = std::move(body.user);
  command.tty = body.tty;
  command.privileged = body.privileged;
  command.streams = {
      .standard_in = body.attach_stdin, .standard_out = body.attach_stdout, .standard_error = body.attach_stderr};
  command.size = console_size(exchange, body.console_size);
  auto id = co_await services.execs.create(exchange.param("name"), std::move(command), std::move(body.detach_keys));
  exchange.reply_json(http::Status::created, ExecCreateResponse{std::move(id)});
}

// Behind the upgrade there is no status any more: an error is written where output is expected, as
// moby does it.
Awaitable<void> run_attached(ApiServices& services, std::string id, ExecStartRequest request,
                             std::optional<core::TerminalSize> size, std::unique_ptr<http::Connection> connection) {
  const core::Exec exec = services.execs.get(id);
  const bool is_multiplexed = !request.tty;
  std::unique_ptr<core::AttachSession> session;
  std::optional<Error> failure;
  try {
    session = co_await services.execs.start(id, size);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    co_await write_output(*connection, is_multiplexed, 1, std::string(failure->what()) + "\r\n");
    connection->shutdown_send();
    co_return;
  }
  // A terminal has no end of input: its client's end is its own.
  ClientStream stream{.is_multiplexed = is_multiplexed,
                      .tty = exec.command.tty,
                      .with_input = exec.command.streams.standard_in,
                      .ends_input = !exec.command.tty,
                      .detach_keys = parse_detach_keys(exec.detach_keys)};
  const ClientEnd end =
      co_await serve_client(services.clock, std::move(connection), std::move(session), std::move(stream));
  if (end == ClientEnd::detached) services.execs.note_detached(id);
}

Awaitable<void> start(ApiServices& services, http::Exchange& exchange) {
  const std::string id = exchange.param("id");
  const auto request = parse_json<ExecStartRequest>(co_await read_json_text(exchange));
  services.execs.get_reachable(id);
  const auto size = console_size(exchange, request.console_size);
  if (request.detach) {
    co_await services.execs.start_detached(id, size);
    exchange.reply(http::Status::ok);
    co_return;
  }
  auto connection = co_await exchange.take_over(upgrade_head(exchange, !request.tty, common_headers()));
  co_await run_attached(services, id, request, size, std::move(connection));
}

Awaitable<void> resize(ApiServices& services, http::Exchange& exchange) {
  const core::TerminalSize size = terminal_size(exchange);
  co_await services.execs.resize(exchange.param("id"), size);
  exchange.reply(http::Status::ok);
}

Awaitable<void> inspect(ApiServices& services, http::Exchange& exchange) {
  const core::Exec exec = services.execs.get(exchange.param("id"));
  const auto& words = exec.command.arguments;
  ExecView view{.id = exec.id, .running = exec.is_running, .exit_code = exec.exit_code};
  view.process = {.tty = exec.command.tty,
                  .entrypoint = words.front(),
                  .arguments = {words.begin() + 1, words.end()},
                  .privileged = exec.command.privileged,
                  .user = exec.command.user};
  if (view.process.user.empty()) view.process.user = services.containers.get(exec.container_id).config.user;
  view.open_stdin = exec.command.streams.standard_in;
  view.open_stdout = exec.command.streams.standard_out;
  view.open_stderr = exec.command.streams.standard_error;
  view.container_id = exec.container_id;
  if (!exec.detach_keys.empty()) view.detach_keys = base64_encode(parse_detach_keys(exec.detach_keys));
  view.pid = exec.pid;
  exchange.reply_json(http::Status::ok, view);
  co_return;
}

}  // namespace

void add_exec_routes(http::Router& router, ApiServices& services) {
  const auto bind = [&](auto operation) {
    return [&services, operation](http::Exchange& exchange) { return operation(services, exchange); };
  };
  router.post("/containers/{name}/exec", bind(create));
  router.post("/exec/{id}/start", bind(start));
  router.post("/exec/{id}/resize", bind(resize));
  router.get("/exec/{id}/json", bind(inspect));
}

}  // namespace sockerless::docker
