#include <gtest/gtest.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "tests/support/test_daemon.h"

namespace sockerless {
namespace {

using namespace std::chrono_literals;
using Socket = asio::local::stream_protocol::socket;

// A raw client of the attach call, on a unix socket as the CLI has it.
class Attach : public testing::Test {
 protected:
  void attach(const std::string& query) {
    request("POST /containers/web/attach?" + query, "Connection: Upgrade\r\nUpgrade: tcp\r\n");
  }

  void request(const std::string& line, const std::string& headers) {
    socket_.connect(asio::local::stream_protocol::endpoint(daemon_.listen_on_unix()));
    asio::write(socket_, asio::buffer(line + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n"));
    socket_.non_blocking(true);
    while (received_.find("\r\n\r\n") == std::string::npos) {
      daemon_.settle();
      read_what_is_there();
    }
  }

  void read_what_is_there() {
    char part[4096];
    boost::system::error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(part), error);
    received_.append(part, count);
    ended_ = error == asio::error::eof;
  }

  int attached() { return daemon_.lifecycle.table().get("web")->attached; }

  test::TestDaemon daemon_;
  std::string id_ = daemon_.create("web");
  asio::io_context own_;
  Socket socket_{own_};
  std::string received_;
  bool ended_ = false;
};

TEST_F(Attach, IsUpgradedBeforeTheStartAndEndsWithTheOutput) {
  daemon_.agents.output = {{1, "out"}, {2, "err"}};
  attach("stream=1&stdout=1&stderr=1");
  EXPECT_TRUE(
      received_.starts_with("HTTP/1.1 101 UPGRADED\r\n"
                            "Content-Type: application/vnd.docker.multiplexed-stream\r\n"));
  daemon_.start("web", id_);
  while (!ended_) {
    daemon_.settle();
    read_what_is_there();
  }
  using namespace std::string_literals;
  EXPECT_TRUE(received_.ends_with("\1\0\0\0\0\0\0\3out\2\0\0\0\0\0\0\3err"s));
}

TEST_F(Attach, AClientThatIsGoneIsNotWaitedFor) {
  attach("stream=1&stdout=1");
  EXPECT_EQ(attached(), 1);
  socket_.close();
  daemon_.settle();
  daemon_.clock.advance(6s);
  daemon_.settle();
  EXPECT_EQ(attached(), 0);
}

TEST_F(Attach, AClientThatOnlyStopsSendingStays) {
  attach("stream=1&stdout=1");
  socket_.shutdown(Socket::shutdown_send);
  daemon_.settle();
  daemon_.clock.advance(6s);
  daemon_.settle();
  EXPECT_EQ(attached(), 1);
}

TEST_F(Attach, OverAWebSocketCarriesBothOutputsAsTheyAre) {
  daemon_.agents.output = {{1, "out"}, {2, "err"}};
  request("GET /containers/web/attach/ws?stream=1&stdout=1&stderr=1",
          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_TRUE(received_.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_NE(received_.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
  daemon_.start("web", id_);
  while (!ended_) {
    daemon_.settle();
    read_what_is_there();
  }
  using namespace std::string_literals;
  EXPECT_TRUE(
      received_.ends_with("\r\n\r\n\x82\x03out\x82\x03"
                          "err\x88\x02\x03\xe8"s));
}

TEST_F(Attach, OverAWebSocketAnswersPings) {
  request("GET /containers/web/attach/ws?stream=1&stdout=1",
          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  using namespace std::string_literals;
  asio::write(socket_, asio::buffer("\x89\x82\0\0\0\0hi"s));
  while (!received_.ends_with("\x8a\x02hi")) {
    daemon_.settle();
    read_what_is_there();
  }
  EXPECT_FALSE(ended_);
}

TEST_F(Attach, OverAWebSocketIsToldThatTheDaemonEnds) {
  request("GET /containers/web/attach/ws?stream=1&stdout=1",
          "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  received_.clear();
  daemon_.stop_serving();
  while (!ended_) read_what_is_there();
  using namespace std::string_literals;
  EXPECT_TRUE(received_.starts_with("\x82\x51the daemon is shutting down: ")) << received_;
  EXPECT_TRUE(received_.ends_with("\r\n\x88\x02\x03\xe8"s));
}

TEST_F(Attach, OverAWebSocketNeedsOne) {
  const auto reply = daemon_.get("/containers/web/attach/ws?stream=1");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.text, "not websocket protocol");
  EXPECT_EQ(daemon_.get("/containers/ghost/attach/ws?stream=1").message(), "No such container: ghost");
}

TEST_F(Attach, BadDetachKeysAreRefused) {
  const auto reply = daemon_.post("/containers/web/attach?stream=1&detachKeys=nosuch");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.text, "Invalid detach keys (nosuch) provided\r\n");
}

TEST_F(Attach, OfAnUnknownContainerIsRefusedInPlainText) {
  const auto reply = daemon_.post("/containers/ghost/attach?stream=1&stdout=1");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.content_type, "application/vnd.docker.raw-stream");
  EXPECT_EQ(reply.text, "No such container: ghost\r\n");
}

}  // namespace
}  // namespace sockerless
