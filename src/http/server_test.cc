#include "http/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace sockerless::http {
namespace {

using namespace std::chrono_literals;

// A real server on a loopback port and a raw client, both on the test's own thread.
class ServerTest : public testing::Test {
 protected:
  void serve(Handler handler, ServerLimits limits = {}) {
    server_ = std::make_unique<Server>(loop_.get_executor(), clock_, std::move(handler), limits);
    auto listener = std::make_unique<Listener>(loop_.get_executor(), "tcp://127.0.0.1:0");
    port_ = listener->port();
    server_->serve(std::move(listener));
  }

  template <typename T>
  T run(Awaitable<T> task) {
    std::optional<T> result;
    std::exception_ptr failure;
    asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown, T value) {
      failure = thrown;
      result = std::move(value);
    });
    while (!result && !failure) loop_.run_one();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }

  void TearDown() override {
    bool stopped = false;
    asio::co_spawn(loop_, server_->stop(0s), [&](std::exception_ptr) { stopped = true; });
    while (!stopped) loop_.run_one();
  }

  // Sends `request` and reads until `until` has come, or to the end of the stream.
  static Awaitable<std::string> talk(int port, std::string request, std::string until, bool half_close) {
    auto connection = co_await dial("127.0.0.1", port);
    co_await connection->write(request);
    if (half_close) connection->shutdown_send();
    std::string answer;
    char part[4096];
    while (until.empty() || answer.find(until) == std::string::npos) {
      const std::size_t count = co_await connection->read_some(asio::buffer(part));
      if (count == 0) break;
      answer.append(part, count);
    }
    co_return answer;
  }

  std::string exchange(std::string request, std::string until = "", bool half_close = false) {
    return run(talk(port_, std::move(request), std::move(until), half_close));
  }

  asio::io_context loop_;
  SystemClock clock_{loop_.get_executor()};
  std::unique_ptr<Server> server_;
  int port_ = 0;
};

Awaitable<void> echo(Exchange& exchange) {
  std::string body = co_await exchange.read_body(1024 * 1024);
  exchange.reply_text(Status::ok, "text/plain", std::string(exchange.method()) + ":" + body);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  serve(echo);
  const std::string answer = exchange(
      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1"
      "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n2"
      "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto first = answer.find("POST:1");
  const auto second = answer.find("POST:2");
  EXPECT_LT(first, second);
  EXPECT_LT(second, answer.find("GET:"));
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST_F(ServerTest, ReadsChunkedBodies) {
  serve(echo);
  EXPECT_NE(exchange("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                     "POST:abcde")
                .find("POST:abcde"),
            std::string::npos);
}

TEST_F(ServerTest, TellsTheClientToContinue) {
  serve(echo);
  EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", "POST:hi")
                  .starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerTest, StreamsChunksAndKeepsTheConnection) {
  serve([](Exchange& e) -> Awaitable<void> {
    ResponseStream stream = co_await e.start_stream(Status::ok, "text/plain");
    co_await stream.write("one");
    co_await stream.write("");
    co_await stream.write("two");
    co_await stream.finish();
  });
  const std::string once = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string answer = exchange(once + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto body = answer.find("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
  EXPECT_NE(body, std::string::npos);
  EXPECT_NE(answer.find("3\r\none\r\n", body + 1), std::string::npos);
}

TEST_F(ServerTest, HandsOverTheConnectionWithWhatFollowedTheRequest) {
  serve([](Exchange& e) -> Awaitable<void> {
    auto connection = co_await e.take_over("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n");
    std::string all;
    char part[64];
    while (const std::size_t count = co_await connection->read_some(asio::buffer(part))) {
      all.append(part, count);
    }
    // The client's half is closed; this one still works.
    co_await connection->write("got ", all);
    connection->shutdown_send();
  });
  EXPECT_TRUE(exchange("POST /attach HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\n\r\nstdin bytes", "", true)
                  .ends_with("\r\n\r\ngot stdin bytes"));
}

TEST_F(ServerTest, AClientThatLeavesCancelsItsHandler) {
  Event never;
  Event ended;
  bool began = false;
  serve([&](Exchange&) -> Awaitable<void> {
    struct Note {
      Event& ended;
      ~Note() { ended.set(); }
    } note{ended};
    began = true;
    co_await never.wait();
  });
  const auto leave = [](int port, bool& handler_began, Event& handler_ended) -> Awaitable<bool> {
    auto connection = co_await dial("127.0.0.1", port);
    co_await connection->write("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    while (!handler_began) co_await asio::post(asio::use_awaitable);
    connection->close();
    co_await handler_ended.wait();
    co_return true;
  };
  EXPECT_TRUE(run(leave(port_, began, ended)));
}

TEST_F(ServerTest, RefusesAHeadThatIsTooLarge) {
  serve(echo, {.head_bytes = 1024});
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
  serve(echo);
  EXPECT_TRUE(exchange("hello\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

Awaitable<void> take_three_bytes(Exchange& exchange) {
  try {
    co_await exchange.read_body(3);
    exchange.reply(Status::no_content);
  } catch (const Error& error) {
    exchange.reply_text(error.kind() == ErrorKind::too_large ? Status::payload_too_large : Status::bad_request,
                        "text/plain", error.what());
  }
}

constexpr std::size_t kMoreThanSocketsHold = 24 * 1024 * 1024;

TEST_F(ServerTest, AClientReadsWhyItsLargeBodyWasRefused) {
  serve(take_three_bytes);
  const std::string body(kMoreThanSocketsHold, 'x');
  EXPECT_TRUE(exchange(fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", body.size(), body))
                  .starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerTest, AClientReadsWhyItsLargeChunkedBodyWasRefused) {
  serve(take_three_bytes);
  std::string body;
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  while (body.size() < kMoreThanSocketsHold) body += chunk;
  EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "0\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerTest, AClientReadsWhyItsMalformedBodyWasRefused) {
  serve(take_three_bytes);
  EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n" +
                       std::string(kMoreThanSocketsHold, 'x'))
                  .starts_with("HTTP/1.1 400 "));
}

TEST_F(ServerTest, ARefusedBodyWithoutEndIsCutOff) {
  serve(take_three_bytes, {.linger_bytes = 1024 * 1024});
  const std::string body(2 * kMoreThanSocketsHold, 'x');
  EXPECT_THROW(exchange(fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", body.size(), body)),
               boost::system::system_error);
}

TEST_F(ServerTest, ListensOnAUnixSocketAndReplacesAStaleFile) {
  const std::string path = testing::TempDir() + "/server_test.sock";
  const std::string address = "unix://" + path;
  serve(echo);
  { Listener first(loop_.get_executor(), address); }
  Listener second(loop_.get_executor(), address);
  EXPECT_THROW(Listener(loop_.get_executor(), address), Error);
}

}  // namespace
}  // namespace sockerless::http
