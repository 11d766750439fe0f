#include "http/exchange.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"

namespace sockerless::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::size_t kReadSize = 16 * 1024;
constexpr std::size_t kMostBodyRead = 128 * 1024;
constexpr std::size_t kTypicalHead = 256;

// The Date header's text, made anew only when the second changes.
const std::string& date_now() {
  thread_local std::time_t second = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    second = now;
    text = format_http_date(Time(std::chrono::seconds(now)));
  }
  return text;
}

}  // namespace

Awaitable<void> ResponseStream::write(std::string bytes) {
  if (bytes.empty()) co_return;  // an empty chunk would end the body
  if (!chunked_) {
    co_await exchange_->connection_->write(bytes);
    co_return;
  }
  const std::string size = fmt::format("{:x}\r\n", bytes.size());
  bytes += "\r\n";
  co_await exchange_->connection_->write(size, bytes);
}

Awaitable<void> ResponseStream::finish() {
  if (chunked_) co_await exchange_->connection_->write("0\r\n\r\n");
  exchange_->state_ = Exchange::State::stream_finished;
}

Exchange::Exchange(std::unique_ptr<Connection>& connection, boost::beast::flat_buffer& buffer, Parser& parser)
    : connection_(connection), buffer_(buffer), parser_(parser) {
  const auto& request = parser.get();
  method_ = std::string(request.method_string());
  const auto text = request.target();
  target_ = Target({text.data(), text.size()});
  keep_alive_ = request.keep_alive();
  const auto expect = header("Expect");
  expects_continue_ =
      !expect.empty() &&
      beast_http::token_list(boost::beast::string_view(expect.data(), expect.size())).exists("100-continue");
  if (parser.is_done()) note_body_done();
  if (!parser.chunked()) return;
  take_chunk_ = [this](std::uint64_t, boost::beast::string_view bytes, boost::system::error_code&) {
    const std::size_t count = std::min(bytes.size(), most_ - piece_.size());
    piece_.append(bytes.data(), count);
    return count;
  };
  parser.on_chunk_body(take_chunk_);
}

void Exchange::note_body_done() {
  body_done_ = true;
  body_read_.set();
}

std::string_view Exchange::header(std::string_view name) const {
  const auto value = parser_.get()[{name.data(), name.size()}];
  return {value.data(), value.size()};
}

const std::string& Exchange::param(std::string_view name) const {
  for (const auto& [key, value] : params_) {
    if (key == name) return value;
  }
  throw std::logic_error("the route has no parameter " + std::string(name));
}

void Exchange::add_header(std::string_view name, std::string_view value) {
  header_lines_.append(name).append(": ").append(value).append("\r\n");
}

Awaitable<void> Exchange::continue_if_expected() {
  if (!std::exchange(expects_continue_, false)) co_return;
  co_await connection_->write("HTTP/1.1 100 Continue\r\n\r\n");
}

// Go sends tars in chunks of a few hundred bytes: all that have arrived make one piece.
void Exchange::take_arrived(std::size_t most) {
  most_ = most;
  piece_.reserve(std::min(most, buffer_.size()));
  // A put takes a chunk's header or its content: only a parser that takes nothing needs more from the connection.
  std::size_t taken = 1;
  while (taken > 0 && buffer_.size() > 0 && !parser_.is_done() && piece_.size() < most) {
    auto& body = parser_.get().body();
    const std::size_t before = piece_.size();
    const bool is_plain = !parser_.chunked();
    if (is_plain) piece_.resize(before + std::min(most - before, buffer_.size()));
    body.data = piece_.data() + before;
    body.size = piece_.size() - before;
    boost::system::error_code error;
    taken = parser_.put(buffer_.data(), error);
    buffer_.consume(taken);
    if (is_plain) piece_.resize(piece_.size() - body.size);
    if (error && error != beast_http::error::need_more && error != beast_http::error::need_buffer) {
      throw Error(ErrorKind::invalid_argument, "malformed request body: " + error.message());
    }
  }
}

Awaitable<std::string> Exchange::read_body_piece(std::size_t most) {
  if (body_done_) co_return "";
  co_await continue_if_expected();
  for (;;) {
    take_arrived(most);
    if (parser_.is_done()) note_body_done();
    if (body_done_ || !piece_.empty()) co_return std::exchange(piece_, {});
    const std::size_t room = std::clamp(most, kReadSize, kMostBodyRead);
    const std::size_t count = co_await connection_->read_some(buffer_.prepare(room));
    if (count == 0) {
      throw Error(ErrorKind::invalid_argument, "the request body ended early: unexpected EOF");
    }
    buffer_.commit(count);
  }
}

Awaitable<std::string> Exchange::read_body(std::size_t limit) {
  std::string whole;
  while (!body_done_) {
    const std::string piece = co_await read_body_piece(kReadSize);
    if (whole.size() + piece.size() > limit) {
      throw Error(ErrorKind::too_large, fmt::format("the request body is larger than {} bytes", limit));
    }
    whole += piece;
  }
  co_return whole;
}

std::string Exchange::head(Status status, std::string_view content_type, std::optional<std::size_t> length) const {
  const auto reason = beast_http::obsolete_reason(status);
  std::string text;
  text.reserve(kTypicalHead + header_lines_.size());
  text.append("HTTP/1.1 ").append(std::to_string(static_cast<int>(status))).append(" ");
  text.append(reason.data(), reason.size()).append("\r\n").append(header_lines_);
  if (!content_type.empty()) text.append("Content-Type: ").append(content_type).append("\r\n");
  text.append("Date: ").append(date_ ? format_http_date(*date_) : date_now()).append("\r\n");
  const bool has_no_body = status == Status::no_content || status == Status::not_modified;
  if (length && !has_no_body) {
    text.append("Content-Length: ").append(std::to_string(*length)).append("\r\n");
  }
  if (!length) text += "Transfer-Encoding: chunked\r\n";
  if (!keep_alive_) text += "Connection: close\r\n";
  return text + "\r\n";
}

void Exchange::reply(Status status) { reply_text(status, "", ""); }

void Exchange::reply_text(Status status, std::string_view content_type, std::string body) {
  state_ = State::replied;
  status_ = static_cast<int>(status);
  // What is left of a large body is not worth reading: say so and close.
  if (!body_done_) keep_alive_ = false;
  reply_head_ = head(status, content_type, method_ == "HEAD" ? 0 : body.size());
  reply_body_ = method_ == "HEAD" ? "" : std::move(body);
}

Awaitable<void> Exchange::send_reply() { co_await connection_->write(reply_head_, reply_body_); }

Awaitable<ResponseStream> Exchange::start_stream(Status status, std::string_view content_type) {
  state_ = State::streaming;
  status_ = static_cast<int>(status);
  const bool chunked = parser_.get().version() >= 11;
  if (!chunked) keep_alive_ = false;
  std::string text = head(status, content_type, std::nullopt);
  if (!chunked) text.erase(text.find("Transfer-Encoding"), 28);
  co_await connection_->write(text);
  co_return ResponseStream(*this, chunked);
}

Awaitable<std::unique_ptr<Connection>> Exchange::take_over(std::string head) {
  if (!body_done_) throw std::logic_error("take_over before the body was read");
  state_ = State::taken_over;
  co_await stop_watching();
  co_await connection_->write(head);
  std::string read_ahead(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  buffer_.consume(buffer_.size());
  co_return with_read_ahead(std::move(connection_), std::move(read_ahead));
}

Awaitable<bool> Exchange::watch_for_leave() {
  co_await body_read_.wait();
  const std::size_t count = co_await connection_->read_some(buffer_.prepare(kReadSize));
  buffer_.commit(count);
  co_return count == 0;
}

Awaitable<void> Exchange::stop_watching() {
  is_stopping_watch_ = true;
  stop_watch_.emit(asio::cancellation_type::all);
  while (watching_) co_await watch_ended_.wait();
}

}  // namespace sockerless::http
