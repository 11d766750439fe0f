#include <fmt/format.h>

#include "base/log.h"
#include "base/rollback.h"
#include "base/task_group.h"
#include "docker/api.h"
#include "docker/http_error.h"
#include "docker/stdcopy.h"

namespace sockerless::docker {
namespace {

const Logger log("attach");

constexpr ApiVersion kMultiplexedType{1, 42};
constexpr std::size_t kInputSize = 32 * 1024;
constexpr auto kHangUpCheck = std::chrono::seconds(5);

struct AttachRequest {
  bool stream = false;
  bool logs = false;
  core::AttachStreams streams;
  bool tty = false;
};

// What both directions of one attached client work with; they end together.
struct Attached {
  std::unique_ptr<http::Connection> connection;
  std::unique_ptr<core::AttachSession> session;
  bool tty = false;
  bool with_input = false;
  Event over;  // the output has ended, or the client is gone
};

std::string frame(bool tty, int stream, std::string bytes) {
  return tty ? std::move(bytes) : stdcopy_frame(stream, bytes);
}

// moby writes attach's errors as plain text, not as its JSON.
void reply_plain_error(http::Exchange& exchange, const Error& error) {
  exchange.reply_text(status_of(error.kind()), "application/vnd.docker.raw-stream", std::string(error.what()) + "\r\n");
}

std::string upgrade_head(const http::Exchange& exchange, bool tty) {
  const bool multiplexed = !tty && version_of(exchange) >= kMultiplexedType;
  const std::string_view type =
      multiplexed ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
  if (exchange.header("Upgrade").empty()) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\n\r\n", "application/vnd.docker.raw-stream");
  }
  return fmt::format("HTTP/1.1 101 UPGRADED\r\nContent-Type: {}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", type);
}

// The end of input is no leave: most clients have none, and go on reading. One that is gone in both
// directions is not waited for.
Awaitable<void> follow_input(Clock& clock, std::shared_ptr<Attached> client) {
  std::string part(kInputSize, '\0');
  while (const std::size_t count = co_await client->connection->read_some(asio::buffer(part))) {
    if (client->with_input) co_await client->session->write(part.substr(0, count));
  }
  if (client->with_input) client->session->close_stdin();
  while (!client->connection->is_hung_up()) co_await clock.sleep(kHangUpCheck);
  client->over.set();
}

Awaitable<void> copy_output(std::shared_ptr<Attached> client) {
  const Rollback end([&] { client->over.set(); });
  try {
    while (auto part = co_await client->session->read()) {
      co_await client->connection->write(frame(client->tty, part->stream, std::move(part->bytes)));
    }
  } catch (const Error& error) {
    log.warn("attach was cut off", {{"error", error.what()}});
  } catch (const boost::system::system_error& error) {
    log.debug("attached client is gone", {{"error", error.what()}});
  }
}

Awaitable<void> copy_logs(ApiServices& services, std::string name, std::shared_ptr<Attached> client) {
  const auto reader = services.containers.logs(name, {});
  while (auto line = co_await reader->next()) {
    co_await client->connection->write(frame(client->tty, 1, line->message + "\n"));
  }
}

Awaitable<void> serve(Clock& clock, std::shared_ptr<Attached> client) {
  TaskGroup directions(co_await asio::this_coro::executor);
  directions.spawn("attach input", follow_input(clock, client));
  directions.spawn("attach output", copy_output(client));
  co_await client->over.wait();
  client->connection->shutdown_send();
  co_await directions.join();
}

AttachRequest parse(ApiServices& services, http::Exchange& exchange) {
  const core::Container container = services.containers.get(exchange.param("name"));
  AttachRequest request;
  request.stream = is_set(exchange, "stream");
  request.logs = is_set(exchange, "logs");
  request.tty = container.config.tty;
  request.streams = {.standard_in = is_set(exchange, "stdin") && container.config.open_stdin,
                     .standard_out = is_set(exchange, "stdout"),
                     .standard_error = is_set(exchange, "stderr")};
  return request;
}

// Every error is found before the upgrade: behind it, text would be taken for output. The client is
// registered before it gets its 101, so that it misses nothing.
Awaitable<void> attach(ApiServices& services, http::Exchange& exchange) {
  const std::string name = exchange.param("name");
  AttachRequest request;
  auto client = std::make_shared<Attached>();
  std::optional<Error> refusal;
  try {
    co_await exchange.read_body(16 * 1024);
    request = parse(services, exchange);
    client->tty = request.tty;
    client->with_input = request.streams.standard_in;
    if (request.stream) {
      client->session = co_await services.containers.attach(name, request.streams);
    }
  } catch (const Error& error) {
    refusal = error;
  }
  if (refusal) {
    reply_plain_error(exchange, *refusal);
    co_return;
  }
  client->connection = co_await exchange.take_over(upgrade_head(exchange, request.tty));
  if (request.logs) co_await copy_logs(services, name, client);
  if (client->session) {
    co_await serve(services.clock, client);
  } else {
    client->connection->shutdown_send();
  }
}

}  // namespace

void add_attach_routes(http::Router& router, ApiServices& services) {
  router.post("/containers/{name}/attach",
              [&services](http::Exchange& exchange) { return attach(services, exchange); });
}

}  // namespace sockerless::docker
