#include "http/client.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "http/server.h"

namespace sockerless::http {
namespace {

using namespace std::chrono_literals;

class ClientTest : public testing::Test {
 protected:
  void serve(Handler handler) {
    server_ = std::make_unique<Server>(loop_.get_executor(), clock_, std::move(handler));
    auto listener = std::make_unique<Listener>(loop_.get_executor(), "tcp://127.0.0.1:0");
    url_ = "http://127.0.0.1:" + std::to_string(listener->port());
    server_->serve(std::move(listener));
  }

  ClientResponse send(ClientRequest request) {
    std::optional<ClientResponse> response;
    std::exception_ptr failure;
    asio::co_spawn(loop_, client_.send(std::move(request)), [&](std::exception_ptr thrown, ClientResponse value) {
      failure = thrown;
      response = std::move(value);
    });
    while (!response && !failure) loop_.run_one();
    if (failure) std::rethrow_exception(failure);
    return std::move(*response);
  }

  void TearDown() override {
    if (!server_) return;
    bool stopped = false;
    asio::co_spawn(loop_, server_->stop(0s), [&](std::exception_ptr) { stopped = true; });
    while (!stopped) loop_.run_one();
  }

  asio::io_context loop_;
  SystemClock clock_{loop_.get_executor()};
  Client client_{loop_.get_executor()};
  std::unique_ptr<Server> server_;
  std::string url_;
};

TEST_F(ClientTest, SendsBodyAndHeadersAndReadsTheAnswer) {
  serve([](Exchange& e) -> Awaitable<void> {
    const std::string body = co_await e.read_body(1000);
    e.add_header("X-Answer", std::string(e.header("X-Question")));
    e.reply_text(Status::created, "text/plain", body + "!");
  });
  const auto response =
      send({.method = "POST", .url = url_ + "/x", .headers = {{"X-Question", "why"}}, .body = "hello"});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.header("x-answer"), "why");
  EXPECT_EQ(response.body, "hello!");
}

TEST_F(ClientTest, UsesOneConnectionForManyRequests) {
  serve([](Exchange& e) -> Awaitable<void> {
    e.reply_text(Status::ok, "text/plain", "ok");
    co_return;
  });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send({.url = url_}).body, "ok");
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(ClientTest, GivesTheSinkWhatArrives) {
  serve([](Exchange& e) -> Awaitable<void> {
    ResponseStream stream = co_await e.start_stream(Status::ok, "text/plain");
    for (int i = 0; i < 3; ++i) co_await stream.write("part");
    co_await stream.finish();
  });
  std::string received;
  const auto response = send({.url = url_, .sink = [&](std::string_view bytes) { received += bytes; }});
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(received, "partpartpart");
}

TEST_F(ClientTest, RefusedConnectionNamesTheUrl) {
  Listener taken(loop_.get_executor(), "tcp://127.0.0.1:0");
  const std::string url = "http://127.0.0.1:" + std::to_string(taken.port()) + "/v2/";
  taken.close();
  try {
    send({.url = url});
    FAIL() << "connected";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_NE(std::string(error.what()).find(url), std::string::npos) << error.what();
  }
}

TEST_F(ClientTest, GivesUpAfterTheTotalTime) {
  Event never;
  serve([&](Exchange&) -> Awaitable<void> { co_await never.wait(); });
  EXPECT_THROW(send({.url = url_, .total_time = 20ms}), Error);
}

// A crowd of requests must not time out in the queue for one of the connections.
TEST_F(ClientTest, CountsTimeFromTheRequestsTurn) {
  Event may_answer;
  int asked = 0;
  serve([&](Exchange& e) -> Awaitable<void> {
    ++asked;
    co_await may_answer.wait();
    e.reply_text(Status::ok, "text/plain", "ok");
  });
  Client narrow(loop_.get_executor(), {.connections_per_host = 1});
  bool first_ended = false;
  bool second_ended = false;
  asio::co_spawn(loop_, narrow.send({.url = url_}), [&](std::exception_ptr, ClientResponse) { first_ended = true; });
  while (asked == 0) loop_.run_one();
  asio::co_spawn(loop_, narrow.send({.url = url_, .total_time = 1ms}),
                 [&](std::exception_ptr, ClientResponse) { second_ended = true; });
  const auto much_longer = clock_.after(50ms, [&] { may_answer.set(); });
  while (!may_answer.is_set()) loop_.run_one();
  EXPECT_FALSE(second_ended);
  while (!first_ended || !second_ended) loop_.run_one();
  EXPECT_LE(asked, 2);
}

}  // namespace
}  // namespace sockerless::http
