#include "agent/hub/forward.h"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "base/sha1.h"
#include "http/listener.h"

namespace sockerless::agent {

namespace {

using namespace asio::experimental::awaitable_operators;

using ConnectionPointer = std::unique_ptr<http::Connection>;

// A connection, or why there is none: what is awaited beside a timer must not throw.
struct Attempt {
  ConnectionPointer connection;
  std::string failure;
};

struct Answer {
  HttpHead head;
  std::string early;  // what arrived behind the head
};

std::string authority(const std::string& host, int port) {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Awaitable<Answer> ask(http::Connection& connection, std::string request) {
  co_await connection.write(request);
  std::string received;
  std::vector<char> buffer(4096);
  std::optional<std::size_t> end;
  while (!(end = find_head_end(received))) {
    const std::size_t count = co_await connection.read_some(asio::buffer(buffer));
    if (count == 0) throw Error(ErrorKind::unavailable, "the agent closed the connection without an answer");
    received.append(buffer.data(), count);
    if (received.size() > kMaxHead) throw Error(ErrorKind::unavailable, "the answer is too long to be an agent's");
  }
  auto head = parse_head(std::string_view(received).substr(0, *end));
  if (!head) throw Error(ErrorKind::unavailable, "the answer is not HTTP");
  co_return Answer{std::move(*head), received.substr(*end)};
}

Awaitable<void> check_health(std::string host, int port) {
  const ConnectionPointer connection = co_await http::dial(host, port);
  const Answer answer =
      co_await ask(*connection, fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", kHealthPath, authority(host, port)));
  if (answer.head.second != "200") throw Error(ErrorKind::unavailable, "its health is " + answer.head.second);
}

Awaitable<ConnectionPointer> upgrade(std::string host, int port, UpgradeRequest request) {
  ConnectionPointer connection = co_await http::dial(host, port);
  request.host = authority(host, port);
  // Sixteen bytes, as the handshake wants them; their randomness is only to defeat caches.
  request.key = make_key(random_hex(8));
  const Answer answer = co_await ask(*connection, upgrade_request(request));
  if (!is_upgrade_response(answer.head, request.key)) {
    throw Error(ErrorKind::unavailable, fmt::format("the agent answered {} {}", answer.head.second, answer.head.third));
  }
  co_return http::with_read_ahead(std::move(connection), answer.early);
}

Awaitable<Attempt> attempt(std::string host, int port, UpgradeRequest request) {
  try {
    co_await check_health(host, port);
    co_return Attempt{co_await upgrade(host, port, std::move(request)), {}};
  } catch (const Error& error) {
    co_return Attempt{nullptr, error.what()};
  } catch (const boost::system::system_error& error) {
    co_return Attempt{nullptr, error.code().message()};
  }
}

}  // namespace

Awaitable<ConnectionPointer> connect_to_agent(Clock& clock, std::string host, int port, UpgradeRequest request,
                                              Clock::Duration limit) {
  auto outcome = co_await (attempt(host, port, std::move(request)) || clock.sleep(limit));
  if (outcome.index() == 1) throw Error(ErrorKind::unavailable, "no answer in time");
  Attempt& finished = std::get<0>(outcome);
  if (!finished.connection) throw Error(ErrorKind::unavailable, finished.failure);
  co_return std::move(finished.connection);
}

}  // namespace sockerless::agent
