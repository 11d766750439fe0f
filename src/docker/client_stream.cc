#include "docker/client_stream.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/read_size.h"
#include "base/rollback.h"
#include "base/task_group.h"
#include "docker/detach_keys.h"
#include "docker/stdcopy.h"

namespace sockerless::docker {
namespace {

const Logger log("attach");

constexpr ApiVersion kMultiplexedType{1, 42};
constexpr std::size_t kLeastInput = 16 * 1024;
constexpr std::size_t kMostInput = 64 * 1024;
constexpr int kMostPauses = 20;
constexpr auto kPause = std::chrono::milliseconds(1);
constexpr auto kHangUpCheck = std::chrono::seconds(5);
constexpr std::string_view kRawStream = "application/vnd.docker.raw-stream";
constexpr std::string_view kMultiplexedStream = "application/vnd.docker.multiplexed-stream";

// What both directions of one client work with; they end together.
struct Client {
  std::unique_ptr<http::Connection> connection;
  std::unique_ptr<core::AttachSession> session;
  ClientStream stream;
  bool is_writing = false;  // waits in the middle of a frame for the client to read
  Event over;
  ClientEnd end = ClientEnd::output_ended;

  void finish(ClientEnd how) {
    if (over.is_set()) return;
    end = how;
    over.set();
  }
};

Awaitable<void> pass_input(std::shared_ptr<Client> client) {
  DetachKeys keys(client->stream.tty ? client->stream.detach_keys : "");
  ReadSize size(kLeastInput, kMostInput);
  std::string part;
  for (;;) {
    part.resize(size.get());
    const std::size_t count = co_await client->connection->read_some(asio::buffer(part));
    if (count == 0) break;
    size.note(count);
    if (!client->stream.with_input) continue;
    std::string passed = keys.filter({part.data(), count});
    if (!passed.empty()) co_await client->session->write(std::move(passed));
    if (keys.were_pressed()) {
      client->finish(ClientEnd::detached);
      co_return;
    }
  }
  if (!client->stream.with_input) co_return;
  if (std::string held = keys.rest(); !held.empty()) co_await client->session->write(std::move(held));
  if (client->stream.ends_input) {
    client->session->close_stdin();
  } else {
    client->finish(ClientEnd::client_left);
  }
}

// The end of input is no leave: most clients have none, and go on reading. One that is gone in both
// directions is not waited for.
Awaitable<void> follow_input(Clock& clock, std::shared_ptr<Client> client) {
  try {
    co_await pass_input(client);
  } catch (const Error& error) {
    // The session was cut off, which its output tells.
    log.debug("input is not taken any more", {{"error", error.what()}});
  } catch (const boost::system::system_error& error) {
    log.debug("attached client is gone", {{"error", error.what()}});
  }
  while (!client->connection->is_hung_up()) co_await clock.sleep(kHangUpCheck);
  client->finish(ClientEnd::client_left);
}

// docker-py drops what it reads together with the head of the answer (its issue 3332), which a quick command's
// output would be: the client gets a moment to take the head alone.
Awaitable<void> let_head_be_read(Clock& clock, http::Connection& connection) {
  for (int pause = 0; pause < kMostPauses && connection.has_unread(); ++pause) co_await clock.sleep(kPause);
}

Awaitable<void> pass_output(Clock& clock, std::shared_ptr<Client> client) {
  std::optional<Error> cut_off;
  try {
    bool is_first = true;
    while (const auto part = co_await client->session->read()) {
      if (std::exchange(is_first, false)) co_await let_head_be_read(clock, *client->connection);
      client->is_writing = true;
      co_await write_output(*client->connection, client->stream.is_multiplexed, part->stream, part->bytes);
      client->is_writing = false;
    }
  } catch (const Error& error) {
    cut_off = error;
  }
  if (!cut_off) co_return;
  log.warn("attached client was cut off", {{"error", cut_off->what()}});
  co_await write_output(*client->connection, client->stream.is_multiplexed, 2, fmt::format("{}\r\n", cut_off->what()));
}

// The daemon ends while the process runs on: without a word that would look like the process's own end.
void say_cut_off(Client& client) {
  if (client.is_writing) return;
  constexpr std::string_view kText =
      "the daemon is shutting down: what runs in the container is not followed further\r\n";
  try {
    client.connection->write_now(client.stream.is_multiplexed ? stdcopy_frame(2, kText) : std::string(kText));
    client.connection->shutdown_send();
  } catch (const boost::system::system_error& error) {
    log.debug("attached client is gone", {{"error", error.what()}});
  }
}

Awaitable<void> copy_output(Clock& clock, std::shared_ptr<Client> client) {
  const Rollback end([&] { client->finish(ClientEnd::output_ended); });
  try {
    co_await pass_output(clock, client);
  } catch (const boost::system::system_error& error) {
    log.debug("attached client is gone", {{"error", error.what()}});
    client->finish(ClientEnd::client_left);
  }
}

}  // namespace

Awaitable<void> write_output(http::Connection& connection, bool is_multiplexed, int number, std::string_view text) {
  if (!is_multiplexed) {
    co_await connection.write(text);
    co_return;
  }
  const std::string head = stdcopy_head(number, text.size());
  co_await connection.write(head, text);
}

Awaitable<ClientEnd> serve_client(Clock& clock, std::unique_ptr<http::Connection> connection,
                                  std::unique_ptr<core::AttachSession> session, ClientStream stream) {
  auto client = std::make_shared<Client>();
  client->connection = std::move(connection);
  client->session = std::move(session);
  client->stream = std::move(stream);
  TaskGroup directions(co_await asio::this_coro::executor);
  directions.spawn("attach input", follow_input(clock, client));
  directions.spawn("attach output", copy_output(clock, client));
  Rollback cut_off([&] { say_cut_off(*client); });
  co_await client->over.wait();
  cut_off.dismiss();
  client->connection->shutdown_send();
  co_await directions.join();
  co_return client->end;
}

std::string upgrade_head(const http::Exchange& exchange, bool is_multiplexed, std::string_view more) {
  if (exchange.header("Upgrade").empty()) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\n{}\r\n", kRawStream, more);
  }
  const bool is_named = is_multiplexed && version_of(exchange) >= kMultiplexedType;
  return fmt::format("HTTP/1.1 101 UPGRADED\r\nContent-Type: {}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n{}\r\n",
                     is_named ? kMultiplexedStream : kRawStream, more);
}

}  // namespace sockerless::docker
