#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/hub/hub.h"
#include "agent/protocol/channel.h"
#include "agent/protocol/handshake.h"
#include "http/listener.h"
#include "http/server.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run.h"

namespace sockerless::agent {

// Every report in words, without the ids of container and launch.
class RecordingListener final : public Listener {
 public:
  void agent_connected(const std::string& container, const std::string& launch, const Hello& hello) override;
  void agent_started(const std::string& container, const std::string& launch, std::uint32_t pid) override;
  void agent_start_failed(const std::string& container, const std::string& launch, int error_number,
                          std::string text) override;
  void agent_exited(const std::string& container, const std::string& launch, int code,
                    std::optional<long> log_events) override;
  void agent_lost(const std::string& container, const std::string& launch) override;

  bool has(const std::string& report) const;
  std::size_t count(const std::string& report) const;

  std::vector<std::string> reports;
  std::uint32_t pid = 0;
};

// A hub on the test's own loop, with a server that reverse agents can reach. Its container is "c1" in
// launch "l1" with the token "secret".
class HubFixture : public testing::Test {
 protected:
  enum class Time { real, manual };

  explicit HubFixture(Time time = Time::real);
  void TearDown() override;

  template <typename T>
  T run(Awaitable<T> work) {
    return test::run(loop_, std::move(work));
  }

  // Runs the loop until the claim holds; fails the test after 20 s.
  void run_until(const std::function<bool()>& claim);

  void expect_container() { hub_.expect({.container_id = "c1", .launch_id = "l1", .token = Secret("secret")}); }
  std::string callback_url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  asio::io_context loop_;
  SystemClock system_clock_{loop_.get_executor()};
  test::ManualClock manual_clock_{loop_.get_executor()};
  Clock& clock_;
  RecordingListener listener_;
  Hub hub_;
  http::Server server_;
  int port_ = 0;
};

// An agent that does only what its test says.
class FakeAgent {
 public:
  // Dials the hub; the status of the answer, 101 when upgraded.
  Awaitable<std::string> dial(int port, std::string token, std::string container = "c1", std::string launch = "l1");

  // Waits for the hub to dial: answers its health check, then its upgrade. Returns the upgrade's head.
  Awaitable<HttpHead> accept(http::Listener& listener);

  Awaitable<void> say_hello(CommandState state = CommandState::running);
  Awaitable<void> send(const Frame& frame);
  Awaitable<void> send_raw(std::string bytes);

  // The next frame in words: "open 1 attach 7", "data 1 0 hello", "ack 5".
  Awaitable<std::string> receive();

  void close() { connection_.reset(); }

 private:
  Awaitable<HttpHead> read_head(http::Connection& connection);

  std::unique_ptr<http::Connection> connection_;
  std::unique_ptr<Channel> channel_;
};

}  // namespace sockerless::agent
