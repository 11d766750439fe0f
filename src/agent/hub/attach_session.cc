#include "agent/hub/attach_session.h"

#include <algorithm>

#include "agent/hub/attach_state.h"
#include "agent/hub/peer.h"
#include "base/error.h"

namespace sockerless::agent {

AttachSession::~AttachSession() { state_->abandon(); }

Awaitable<std::optional<Output>> AttachSession::read() {
  const auto state = state_;
  for (;;) {
    if (auto output = state->take()) co_return output;
    if (state->failure()) throw Error(ErrorKind::unavailable, *state->failure());
    if (state->is_over()) co_return std::nullopt;
    co_await state->changed().wait();
  }
}

Awaitable<void> AttachSession::write(std::string bytes) {
  const auto state = state_;
  std::string_view left = bytes;
  while (!left.empty()) {
    if (state->failure()) throw Error(ErrorKind::unavailable, *state->failure());
    if (state->is_over()) co_return;
    left.remove_prefix(state->send(left));
    if (!left.empty()) co_await state->changed().wait();
  }
}

void AttachSession::close_stdin() { state_->close_input(); }

Awaitable<void> AttachSession::closed() {
  const auto state = state_;
  while (!state->is_over()) co_await state->changed().wait();
}

std::shared_ptr<AttachSession::State> AttachSession::State::open(const std::shared_ptr<Peer>& peer,
                                                                 AttachOptions options) {
  auto state = std::make_shared<State>();
  state->options_ = options;
  state->peer_ = peer;
  state->id_ = peer->open(
      state, SessionKind::attach,
      encode(AttachParameters{
          .standard_in = options.stdin_, .standard_out = options.stdout_, .standard_error = options.stderr_}));
  return state;
}

std::optional<Output> AttachSession::State::take() {
  if (outputs_.empty()) return std::nullopt;
  Output output = std::move(outputs_.front());
  outputs_.pop_front();
  const std::uint32_t grant = window(output.stream).release(static_cast<std::uint32_t>(output.bytes.size()));
  const auto peer = peer_.lock();
  if (grant > 0 && peer && !is_over()) {
    peer->send(Credit{.session = id_, .stream = static_cast<Stream>(output.stream), .bytes = grant});
  }
  return output;
}

std::size_t AttachSession::State::send(std::string_view bytes) {
  const auto peer = peer_.lock();
  if (!peer || is_input_closed_ || !options_.stdin_) return bytes.size();
  const std::size_t size = std::min<std::size_t>(bytes.size(), input_window_.available());
  input_window_.consume(static_cast<std::uint32_t>(size));
  peer->send_data(id_, Stream::standard_in, bytes.substr(0, size));
  return size;
}

void AttachSession::State::close_input() {
  const auto peer = peer_.lock();
  if (!peer || is_over() || is_input_closed_ || !options_.stdin_) return;
  is_input_closed_ = true;
  peer->send(EndOfStream{.session = id_, .stream = Stream::standard_in});
}

void AttachSession::State::abandon() {
  if (const auto peer = peer_.lock()) peer->abandon(id_);
}

void AttachSession::State::opened(std::string_view) {
  is_open_ = true;
  changed_.pulse();
}

bool AttachSession::State::data(Stream stream, std::string_view bytes) {
  const int number = static_cast<int>(stream);
  if (!(number == 2 ? options_.stderr_ : options_.stdout_)) return false;
  if (!window(number).receive(static_cast<std::uint32_t>(bytes.size()))) return false;
  outputs_.push_back({.stream = number, .bytes = std::string(bytes)});
  changed_.pulse();
  return true;
}

bool AttachSession::State::credit(Stream stream, std::uint32_t bytes) {
  if (stream != Stream::standard_in || !input_window_.grant(bytes)) return false;
  changed_.pulse();
  return true;
}

void AttachSession::State::ended(int) {
  is_ended_ = true;
  changed_.pulse();
}

void AttachSession::State::failed(int, std::string text) {
  failure_ = std::move(text);
  changed_.pulse();
}

void AttachSession::State::lost(const std::string& reason) {
  is_lost_ = true;
  failure_ = reason;
  changed_.pulse();
}

}  // namespace sockerless::agent
