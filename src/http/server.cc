#include "http/server.h"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include "base/log.h"
#include "base/rollback.h"

namespace sockerless::http {
namespace {

namespace beast_http = boost::beast::http;

const Logger log("http");

constexpr std::size_t kReadSize = 2 * 1024;  // most heads are smaller, and every idle connection has as much
constexpr std::size_t kLingerReadSize = 64 * 1024;
constexpr auto kSweepInterval = std::chrono::seconds(5);

void report(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    // The client is gone or the server stops: either way there is nobody to tell.
    log.trace("connection ended", {{"error", error.code().message()}});
  } catch (const std::exception& error) {
    log.warn("a reply was cut off", {{"error", error.what()}});
  }
}

// For requests that never became an exchange.
Awaitable<void> refuse(Connection& connection, std::string_view status, std::string_view why) {
  const std::string body = fmt::format("{}: {}\n", status, why);
  const std::string head = fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n",
      status, body.size());
  co_await connection.write(head, body);
}

}  // namespace

Server::Server(Executor executor, Clock& clock, Handler handler, ServerLimits limits)
    : clock_(clock), handler_(std::move(handler)), limits_(limits), tasks_(executor) {
  tasks_.spawn("close idle connections", sweep());
}

void Server::serve(std::unique_ptr<Listener> listener) {
  listeners_.emplace_back(std::move(listener));
  tasks_.spawn("accept on " + listeners_.back()->address(), accept_from(listeners_.back()));
}

Awaitable<void> Server::stop(Clock::Duration grace) {
  stopping_ = true;
  for (const auto& listener : listeners_) listener->close();
  for (Client& client : connections_) {
    if (client.waiting != Client::Waiting::no) client.connection->cancel();
  }
  if (busy_ > 0) co_await became_idle_.wait_for(clock_, grace);
  co_await tasks_.join();
}

Awaitable<void> Server::accept_from(std::shared_ptr<Listener> listener) {
  while (!stopping_) {
    std::unique_ptr<Connection> connection;
    boost::system::error_code failure;
    try {
      connection = co_await listener->accept();
    } catch (const boost::system::system_error& error) {
      if (is_cancelled(error) || stopping_) co_return;
      failure = error.code();
    }
    if (failure) {
      // Out of file descriptors, as a rule: existing connections go on, and may free some.
      log.warn("cannot accept a connection", {{"listener", listener->address()}, {"error", failure.message()}});
      co_await clock_.sleep(std::chrono::milliseconds(100));
      continue;
    }
    connections_.emplace_back().connection = std::move(connection);
    tasks_.spawn("connection", serve_connection(std::prev(connections_.end())));
  }
}

// The connection's requests run in a coroutine of their own, which the leave of the client cancels.
Awaitable<void> Server::serve_connection(std::list<Client>::iterator client) {
  const auto executor = co_await asio::this_coro::executor;
  const Rollback forget([&] { connections_.erase(client); });
  Event ended;
  asio::co_spawn(executor, serve_requests(*client),
                 asio::bind_cancellation_slot(client->left.slot(), [&](std::exception_ptr failure) {
                   report(failure);
                   ended.set();
                 }));
  try {
    co_await ended.wait();
  } catch (const boost::system::system_error&) {
    client->left.emit(asio::cancellation_type::all);
  }
  // Cancelled or not, the requests use this frame until they have ended.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await ended.wait();
}

Awaitable<void> Server::serve_requests(Client& client) {
  boost::beast::flat_buffer buffer;
  while (!stopping_) {
    Exchange::Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits_.head_bytes));
    parser.body_limit(boost::none);
    if (!co_await read_head(client, buffer, parser)) co_return;
    if (!co_await handle(client, buffer, parser)) co_return;
  }
}

// False when the connection is done with: closed, timed out, or refused.
Awaitable<bool> Server::read_head(Client& client, boost::beast::flat_buffer& buffer, Exchange::Parser& parser) {
  std::string_view refusal;
  std::string why;
  bool has_begun = false;
  for (;;) {
    boost::system::error_code error;
    if (buffer.size() > 0) {
      buffer.consume(parser.put(buffer.data(), error));
      if (parser.is_header_done()) co_return true;
      if (error == beast_http::error::header_limit) {
        refusal = "431 Request Header Fields Too Large";
        why = fmt::format("the request's head is larger than {} bytes", limits_.head_bytes);
        break;
      }
      if (error && error != beast_http::error::need_more) {
        refusal = "400 Bad Request";
        why = error.message();
        break;
      }
    }
    const bool begun = buffer.size() > 0;
    // A head that comes byte by byte has as long as any other.
    if (!begun || !std::exchange(has_begun, begun)) client.waiting_since = clock_.steady_now();
    client.waiting = begun ? Client::Waiting::for_rest_of_head : Client::Waiting::for_request;
    std::size_t count = 0;
    try {
      count = co_await client.connection->read_some(buffer.prepare(kReadSize));
    } catch (const boost::system::system_error&) {
      if (!client.timed_out) throw;
    }
    client.waiting = Client::Waiting::no;
    if (client.timed_out && begun) {
      refusal = "408 Request Timeout";
      why = "the request's head did not arrive in time";
      break;
    }
    if (count == 0) co_return false;
    buffer.commit(count);
  }
  co_await refuse(*client.connection, refusal, why);
  co_await linger(client);
  co_return false;
}

// Behind the last reply: takes in what the client still sends, within limits, until it leaves.
Awaitable<void> Server::linger(Client& client) {
  client.connection->shutdown_send();
  client.waiting_since = clock_.steady_now();
  client.waiting = Client::Waiting::for_leave;
  const Rollback no_longer([&] { client.waiting = Client::Waiting::no; });
  std::string scrap(kLingerReadSize, '\0');
  for (std::size_t taken = 0; taken < limits_.linger_bytes && !stopping_;) {
    const std::size_t count = co_await client.connection->read_some(asio::buffer(scrap));
    if (count == 0) co_return;
    taken += count;
  }
}

// False when the connection cannot carry another request.
Awaitable<bool> Server::handle(Client& client, boost::beast::flat_buffer& buffer, Exchange::Parser& parser) {
  Exchange exchange(client.connection, buffer, parser);
  ++busy_;
  const Rollback no_longer_busy([&] {
    if (--busy_ == 0) became_idle_.pulse();
  });
  co_await run_handler(client, exchange);
  switch (exchange.state_) {
    case Exchange::State::replied:
      co_await exchange.send_reply();
      if (!exchange.body_done_ && !exchange.expects_continue_) co_await linger(client);
      break;
    case Exchange::State::stream_finished: break;
    case Exchange::State::open:
      co_await refuse(*client.connection, "500 Internal Server Error", "the request got no answer");
      co_return false;
    case Exchange::State::streaming:
    case Exchange::State::taken_over: co_return false;
  }
  co_return exchange.keep_alive_&& exchange.body_done_;
}

// Runs the handler, and beside it, once the handler has to wait for something, the watch for the
// client's leave.
Awaitable<void> Server::run_handler(Client& client, Exchange& exchange) {
  const auto executor = co_await asio::this_coro::executor;
  // Runs when the handler suspends; a handler that does not is over by then.
  const auto is_pending = std::make_shared<bool>(true);
  asio::post(executor, [this, is_pending, &client, &exchange] {
    if (*is_pending) watch(client, exchange);
  });
  std::exception_ptr failure;
  try {
    co_await handler_(exchange);
  } catch (...) {
    failure = std::current_exception();  // rethrown below, when the watch has ended
  }
  *is_pending = false;
  if (exchange.watching_) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await exchange.stop_watching();
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  }
  if (failure) std::rethrow_exception(failure);
}

void Server::watch(Client& client, Exchange& exchange) {
  // A handler that has taken the connection over reads it itself.
  if (exchange.state_ == Exchange::State::taken_over) return;
  exchange.watching_ = true;
  asio::co_spawn(tasks_.executor(), exchange.watch_for_leave(),
                 asio::bind_cancellation_slot(exchange.stop_watch_.slot(), [&](std::exception_ptr thrown, bool left) {
                   const bool was_stopped = exchange.is_stopping_watch_;
                   exchange.watching_ = false;
                   exchange.watch_ended_.pulse();
                   // A broken connection throws; a stopped watch was asked to end.
                   if (left || (thrown && !was_stopped)) client.left.emit(asio::cancellation_type::all);
                 }));
}

Clock::Duration Server::limit_of(Client::Waiting waiting) const {
  switch (waiting) {
    case Client::Waiting::for_request: return limits_.idle_time;
    case Client::Waiting::for_leave: return limits_.linger_time;
    case Client::Waiting::for_rest_of_head:
    case Client::Waiting::no: break;
  }
  return limits_.head_time;
}

Awaitable<void> Server::sweep() {
  for (;;) {
    co_await clock_.sleep(kSweepInterval);
    const auto now = clock_.steady_now();
    for (Client& client : connections_) {
      if (client.waiting != Client::Waiting::no && now - client.waiting_since > limit_of(client.waiting)) {
        client.timed_out = true;
        client.connection->cancel();
      }
    }
  }
}

}  // namespace sockerless::http
