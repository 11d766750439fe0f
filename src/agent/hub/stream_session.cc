#include "agent/hub/stream_session.h"

#include <algorithm>
#include <cerrno>

#include "agent/hub/peer.h"
#include "agent/hub/stream_state.h"
#include "base/error.h"

namespace sockerless::agent {

namespace {

ErrorKind kind_of(int error_number) {
  switch (error_number) {
    case ENOENT: return ErrorKind::not_found;
    case EACCES:
    case EPERM: return ErrorKind::forbidden;
    case EINVAL: return ErrorKind::invalid_argument;
    case ENOSYS: return ErrorKind::not_implemented;
    default: return ErrorKind::conflict;
  }
}

}  // namespace

StreamRequest attach_request(bool standard_in, bool standard_out, bool standard_error) {
  return {.kind = SessionKind::attach,
          .parameters = encode(AttachParameters{
              .standard_in = standard_in, .standard_out = standard_out, .standard_error = standard_error}),
          .standard_in = standard_in,
          .standard_out = standard_out,
          .standard_error = standard_error};
}

SessionFailure::SessionFailure(int error_number, const std::string& text)
    : Error(kind_of(error_number), text), error_number_(error_number) {}

StreamSession::~StreamSession() { state_->abandon(); }

Awaitable<std::optional<Output>> StreamSession::read() {
  const auto state = state_;
  for (;;) {
    if (auto output = state->take()) co_return output;
    state->check();
    if (state->is_over() || state->is_output_ended()) co_return std::nullopt;
    co_await state->changed().wait();
  }
}

Awaitable<void> StreamSession::write(std::string bytes) {
  const auto state = state_;
  const auto owner = std::make_shared<const std::string>(std::move(bytes));
  std::string_view left = *owner;
  while (!left.empty()) {
    state->check();
    if (state->is_over()) co_return;
    left.remove_prefix(state->send(owner, left));
    if (!left.empty()) co_await state->changed().wait();
  }
}

void StreamSession::close_stdin() { state_->close_input(); }

Awaitable<void> StreamSession::closed() {
  const auto state = state_;
  while (!state->is_over()) co_await state->changed().wait();
}

Awaitable<int> StreamSession::result() {
  while (co_await read()) {
  }
  co_return state_->result();
}

const std::string& StreamSession::answer() const { return state_->answer(); }

bool StreamSession::is_over() const { return state_->is_over(); }

std::uint32_t StreamSession::id() const { return state_->id(); }

std::shared_ptr<StreamSession::State> StreamSession::State::open(const std::shared_ptr<Peer>& peer,
                                                                 StreamRequest request) {
  auto state = std::make_shared<State>();
  state->request_ = std::move(request);
  state->peer_ = peer;
  state->id_ = peer->open(state, state->request_.kind, state->request_.parameters);
  return state;
}

void StreamSession::State::check() const {
  if (is_lost_) throw Error(ErrorKind::unavailable, *failure_);
  if (failure_) throw SessionFailure(error_number_, *failure_);
}

std::optional<Output> StreamSession::State::take() {
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

std::size_t StreamSession::State::send(const std::shared_ptr<const std::string>& owner, std::string_view bytes) {
  const auto peer = peer_.lock();
  if (!peer || is_input_closed_ || !request_.standard_in) return bytes.size();
  const std::size_t size = std::min<std::size_t>(bytes.size(), input_window_.available());
  input_window_.consume(static_cast<std::uint32_t>(size));
  peer->send_data(id_, Stream::standard_in, owner, bytes.substr(0, size));
  return size;
}

void StreamSession::State::close_input() {
  const auto peer = peer_.lock();
  if (!peer || is_over() || is_input_closed_ || !request_.standard_in) return;
  is_input_closed_ = true;
  peer->send(EndOfStream{.session = id_, .stream = Stream::standard_in});
}

void StreamSession::State::abandon() {
  if (const auto peer = peer_.lock()) peer->abandon(id_);
}

void StreamSession::State::opened(std::string_view parameters) {
  answer_ = parameters;
  is_open_ = true;
  changed_.pulse();
}

bool StreamSession::State::data(Stream stream, std::string_view bytes) {
  const int number = static_cast<int>(stream);
  if (!(number == 2 ? request_.standard_error : request_.standard_out)) return false;
  if (!window(number).receive(static_cast<std::uint32_t>(bytes.size()))) return false;
  outputs_.push_back({.stream = number, .bytes = std::string(bytes)});
  changed_.pulse();
  return true;
}

// The result of a process comes behind the ends of its streams; a connection has none.
void StreamSession::State::end_of_stream(Stream) {
  if (request_.kind != SessionKind::dial) return;
  is_output_ended_ = true;
  changed_.pulse();
}

bool StreamSession::State::credit(Stream stream, std::uint32_t bytes) {
  if (stream != Stream::standard_in || !input_window_.grant(bytes)) return false;
  changed_.pulse();
  return true;
}

void StreamSession::State::ended(int result) {
  result_ = result;
  is_ended_ = true;
  changed_.pulse();
}

void StreamSession::State::failed(int error_number, std::string text) {
  error_number_ = error_number;
  failure_ = std::move(text);
  changed_.pulse();
}

void StreamSession::State::lost(const std::string& reason) {
  is_lost_ = true;
  failure_ = reason;
  changed_.pulse();
}

}  // namespace sockerless::agent
