#include "docker/websocket_connection.h"

#include <algorithm>

#include "base/rollback.h"
#include "base/websocket.h"

namespace sockerless::docker {
namespace {

constexpr std::size_t kMaxMessage = 1024 * 1024;
constexpr std::size_t kReadSize = 32 * 1024;
constexpr std::size_t kMaxAnswers = 4096;
constexpr std::size_t kKeySize = 24;  // sixteen bytes in base64

class WebSocketConnection final : public http::Connection {
 public:
  explicit WebSocketConnection(std::unique_ptr<http::Connection> below) : below_(std::move(below)) {}

  Awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    std::string part(kReadSize, '\0');
    while (received_.empty() && !is_finished_) {
      take_messages();
      send_answers();
      if (!received_.empty() || is_finished_) break;
      const std::size_t count = co_await below_->read_some(asio::buffer(part));
      if (count == 0) co_return 0;
      decoder_.feed({part.data(), count});
    }
    const std::size_t count = asio::buffer_copy(into, asio::buffer(received_));
    received_.erase(0, count);
    co_return count;
  }

  Awaitable<void> write(std::string_view first, std::string_view second) override {
    std::string frame = std::exchange(answers_, {});
    encoder_.append(frame, websocket::Opcode::binary, first, second);
    is_writing_ = true;
    const Rollback done([this] { is_writing_ = false; });
    co_await below_->write(frame);
  }

  // A message goes out whole: its rest, where the socket has no room, stands in front of what is sent next.
  std::size_t write_now(std::string_view bytes) override {
    send_answers();
    if (is_writing_ || has_said_goodbye_ || !answers_.empty()) return 0;
    encoder_.append(answers_, websocket::Opcode::binary, bytes);
    send_answers();
    return bytes.size();
  }

  void shutdown_send() override {
    try {
      if (!is_writing_ && !has_said_goodbye_) say_goodbye();
    } catch (const boost::system::system_error&) {
      // The client is gone already, which is as good.
    }
    below_->shutdown_send();
  }

  void cancel() override { below_->cancel(); }
  void close() override { below_->close(); }
  bool is_hung_up() const override { return is_finished_ || below_->is_hung_up(); }

 private:
  void say_goodbye() {
    const auto code = static_cast<unsigned>(websocket::CloseCode::normal);
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    std::string frame = std::exchange(answers_, {});
    encoder_.append(frame, websocket::Opcode::close, payload);
    has_said_goodbye_ = true;
    below_->write_now(frame);
  }

  void take_messages() {
    while (const auto event = decoder_.next()) {
      switch (event->opcode) {
        case websocket::Opcode::binary:
        case websocket::Opcode::text: received_.append(event->payload); break;
        case websocket::Opcode::ping: answer_ping(event->payload); break;
        case websocket::Opcode::close: is_finished_ = true; return;
        case websocket::Opcode::pong:
        case websocket::Opcode::continuation: break;
      }
    }
    if (decoder_.failed()) is_finished_ = true;
  }

  // What cannot leave now does so in front of the next output.
  void send_answers() {
    if (!is_writing_ && !answers_.empty()) answers_.erase(0, below_->write_now(answers_));
  }

  // A client that sends pings and never reads must not fill the memory with their answers.
  void answer_ping(std::string_view payload) {
    if (answers_.size() < kMaxAnswers) encoder_.append(answers_, websocket::Opcode::pong, payload);
  }

  std::unique_ptr<http::Connection> below_;
  websocket::Encoder encoder_{websocket::Role::server, 0};
  websocket::Decoder decoder_{websocket::Role::server, kMaxMessage};
  std::string received_;
  std::string answers_;
  bool is_finished_ = false;  // the client has said goodbye, or broke the protocol
  bool has_said_goodbye_ = false;
  bool is_writing_ = false;
};

bool is_same_word(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

std::optional<std::string> websocket_upgrade_head(const http::Exchange& exchange) {
  const std::string_view key = exchange.header("Sec-WebSocket-Key");
  const bool is_asked = is_same_word(exchange.header("Upgrade"), "websocket") && key.size() == kKeySize;
  if (!is_asked) return std::nullopt;
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         websocket::accept_key(key) + "\r\n\r\n";
}

std::unique_ptr<http::Connection> websocket_connection(std::unique_ptr<http::Connection> connection) {
  return std::make_unique<WebSocketConnection>(std::move(connection));
}

}  // namespace sockerless::docker
