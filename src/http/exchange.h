#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "base/event.h"
#include "base/json.h"
#include "base/time.h"
#include "http/connection.h"
#include "http/router.h"
#include "http/status.h"
#include "http/target.h"

namespace sockerless::http {

// A response whose body is written piece by piece, chunked for HTTP/1.1. Every write is sent at
// once. If the handler ends without finish(), the connection is closed, so the client sees that
// the body is not whole.
class ResponseStream {
 public:
  ResponseStream(Exchange& exchange, bool chunked) : exchange_(&exchange), chunked_(chunked) {}

  Awaitable<void> write(std::string bytes);
  Awaitable<void> finish();

 private:
  Exchange* exchange_;
  bool chunked_;
};

// One request and the reply to it. Lives as long as its handler runs; handlers take it by
// reference and are done with it when their coroutine ends. Exactly one of reply*(), start_stream()
// and take_over() is called.
class Exchange {
 public:
  using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

  Exchange(std::unique_ptr<Connection>& connection, boost::beast::flat_buffer& buffer, Parser& parser);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  std::string_view method() const { return method_; }
  const Target& target() const { return target_; }
  std::optional<std::string> query(std::string_view name) const { return target_.query(name); }
  // "" if the request has no such header.
  std::string_view header(std::string_view name) const;

  // The part of the path that "{name}" in the route took. It must be in the route.
  const std::string& param(std::string_view name) const;
  void set_params(Router::Params params) { params_ = std::move(params); }

  // Headers of the reply, whatever it will be.
  void add_header(std::string_view name, std::string_view value);
  // What the reply's Date says, in place of the present.
  void set_date(Time date) { date_ = date; }
  // Several at once, each line with its "\r\n".
  void add_header_lines(std::string_view lines) { header_lines_ += lines; }

  bool has_body() const { return !body_done_; }
  // The whole body. Throws Error(too_large) beyond the limit.
  Awaitable<std::string> read_body(std::size_t limit);
  // The next part of the body, everything that has arrived or `most` bytes of it; empty at its end.
  Awaitable<std::string> read_body_piece(std::size_t most);

  // Nothing is sent before the handler ends.
  void reply(Status status);
  void reply_text(Status status, std::string_view content_type, std::string body);
  template <typename T>
  void reply_json(Status status, const T& body) {
    reply_text(status, "application/json", json::to_text(body) + "\n");
  }

  // Sends the head at once.
  Awaitable<ResponseStream> start_stream(Status status, std::string_view content_type);

  // Sends `head` (a whole HTTP response head) in a write of its own and hands the connection over,
  // with what the client has sent behind its request. The body must have been read.
  Awaitable<std::unique_ptr<Connection>> take_over(std::string head);

  bool has_replied() const { return state_ != State::open; }
  int status() const { return status_; }

 private:
  friend class ResponseStream;
  friend class Server;

  enum class State { open, replied, streaming, stream_finished, taken_over };

  // Reads the connection while the handler works, to learn that the client has left; what arrives
  // instead is the client's next request and stays in the buffer. True if it has left.
  Awaitable<bool> watch_for_leave();
  Awaitable<void> stop_watching();

  Awaitable<void> continue_if_expected();
  void take_arrived(std::size_t most);
  Awaitable<void> send_reply();
  std::string head(Status status, std::string_view content_type, std::optional<std::size_t> length) const;
  void note_body_done();

  std::unique_ptr<Connection>& connection_;
  boost::beast::flat_buffer& buffer_;
  Parser& parser_;
  std::string method_;
  Target target_;
  Router::Params params_;
  std::string header_lines_;
  std::optional<Time> date_;
  State state_ = State::open;
  int status_ = 0;
  std::string reply_head_;
  std::string reply_body_;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
  bool body_done_ = false;
  std::string piece_;  // of the body, while it is taken from the buffer
  std::size_t most_ = 0;
  // Chunks go from the buffer right to where they belong.
  std::function<std::size_t(std::uint64_t, boost::beast::string_view, boost::system::error_code&)> take_chunk_;
  Event body_read_;  // set when the connection carries nothing more of this request
  bool watching_ = false;
  bool is_stopping_watch_ = false;
  asio::cancellation_signal stop_watch_;
  Event watch_ended_;
};

}  // namespace sockerless::http
