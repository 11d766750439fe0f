#include "agent/hub/hub_fixture.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace sockerless::agent {

namespace {

using namespace std::chrono_literals;

std::string describe(const Frame& frame) {
  if (std::holds_alternative<Welcome>(frame)) return "welcome";
  if (std::holds_alternative<Go>(frame)) return "go";
  if (const auto* ack = std::get_if<Ack>(&frame)) return fmt::format("ack {}", static_cast<int>(ack->report));
  if (const auto* open = std::get_if<Open>(&frame)) {
    if (open->kind == SessionKind::attach) return fmt::format("attach {}", open->session);
    if (open->kind == SessionKind::signal) {
      return fmt::format("signal {} {}", open->session, decode_signal(open->parameters)->signal);
    }
    const auto size = decode_resize(open->parameters);
    return fmt::format("resize {} {}x{}", open->session, size->rows, size->columns);
  }
  if (const auto* data = std::get_if<Data>(&frame)) {
    return fmt::format("data {} {}", data->session, std::string_view(data->bytes));
  }
  if (const auto* end = std::get_if<EndOfStream>(&frame)) return fmt::format("end {}", end->session);
  if (const auto* credit = std::get_if<Credit>(&frame)) {
    return fmt::format("credit {} {} {}", credit->session, static_cast<int>(credit->stream), credit->bytes);
  }
  if (const auto* close = std::get_if<Close>(&frame)) return fmt::format("close {}", close->session);
  return "something else";
}

}  // namespace

void RecordingListener::agent_connected(const std::string&, const std::string&, const Hello&) {
  reports.emplace_back("connected");
}

void RecordingListener::agent_started(const std::string&, const std::string&, std::uint32_t started_pid) {
  pid = started_pid;
  reports.emplace_back("started");
}

void RecordingListener::agent_start_failed(const std::string&, const std::string&, int error_number, std::string text) {
  reports.push_back(fmt::format("start failed {}: {}", error_number, text));
}

void RecordingListener::agent_exited(const std::string&, const std::string&, int code, std::optional<long> log_events) {
  reports.push_back(fmt::format("exited {} events {}", code, log_events.value_or(-1)));
}

void RecordingListener::agent_lost(const std::string& container, const std::string& launch) {
  reports.push_back(fmt::format("lost {} {}", container, launch));
}

bool RecordingListener::has(const std::string& report) const { return count(report) > 0; }

std::size_t RecordingListener::count(const std::string& report) const {
  return static_cast<std::size_t>(std::count(reports.begin(), reports.end(), report));
}

HubFixture::HubFixture(Time time)
    : clock_(time == Time::manual ? static_cast<Clock&>(manual_clock_) : system_clock_),
      hub_(loop_.get_executor(), clock_, listener_),
      server_(loop_.get_executor(), system_clock_, [this](http::Exchange& exchange) { return hub_.accept(exchange); }) {
  auto listener = std::make_unique<http::Listener>(loop_.get_executor(), "tcp://127.0.0.1:0");
  port_ = listener->port();
  server_.serve(std::move(listener));
}

void HubFixture::TearDown() {
  run(hub_.stop());
  run(server_.stop(0s));
}

void HubFixture::run_until(const std::function<bool()>& claim) {
  bool is_late = false;
  const auto limit = system_clock_.after(20s, [&] { is_late = true; });
  loop_.restart();
  while (!is_late && !claim()) loop_.run_one();
  EXPECT_FALSE(is_late) << "gave up waiting; reports so far: " << testing::PrintToString(listener_.reports);
}

Awaitable<HttpHead> FakeAgent::read_head(http::Connection& connection) {
  std::string received;
  char byte = 0;
  while (!find_head_end(received)) {
    if (co_await connection.read_some(asio::buffer(&byte, 1)) == 0) break;
    received.push_back(byte);
  }
  co_return parse_head(received).value_or(HttpHead{});
}

Awaitable<std::string> FakeAgent::dial(int port, std::string token, std::string container, std::string launch) {
  connection_ = co_await http::dial("127.0.0.1", port);
  co_await connection_->write(upgrade_request({.host = "hub",
                                               .key = make_key("0123456789abcdef"),
                                               .token = token,
                                               .container_id = container,
                                               .launch_id = launch}));
  const HttpHead head = co_await read_head(*connection_);
  channel_ = std::make_unique<Channel>(Role::client, 1);
  co_return head.second;
}

Awaitable<HttpHead> FakeAgent::accept(http::Listener& listener) {
  for (;;) {
    connection_ = co_await listener.accept();
    HttpHead head = co_await read_head(*connection_);
    if (head.second == kHealthPath) {
      co_await connection_->write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      continue;
    }
    co_await connection_->write(upgrade_response(head.header("Sec-WebSocket-Key")));
    channel_ = std::make_unique<Channel>(Role::server, 1);
    co_return head;
  }
}

Awaitable<void> FakeAgent::say_hello(CommandState state) {
  return send(Hello{
      .version = "test", .container_id = "c1", .launch_id = "l1", .architecture = "amd64", .state = state, .pid = 7});
}

Awaitable<void> FakeAgent::send(const Frame& frame) {
  channel_->send(frame);
  std::string bytes(channel_->outgoing());
  channel_->consume(bytes.size());
  return send_raw(std::move(bytes));
}

Awaitable<void> FakeAgent::send_raw(std::string bytes) { co_await connection_->write(bytes); }

Awaitable<std::string> FakeAgent::receive() {
  std::vector<char> buffer(64 * 1024);
  for (;;) {
    if (const auto frame = channel_->next()) co_return describe(*frame);
    if (channel_->is_finished()) co_return "goodbye";
    std::size_t count = 0;
    try {
      count = co_await connection_->read_some(asio::buffer(buffer));
    } catch (const boost::system::system_error&) {
      co_return "reset";
    }
    if (count == 0) co_return "end";
    channel_->receive({buffer.data(), count});
  }
}

}  // namespace sockerless::agent
