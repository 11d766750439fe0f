#include "agent/task/link.h"

#include <sys/epoll.h>

#include "agent/task/random.h"

namespace sockerless::agent {

namespace {

constexpr int kPingInterval = 10'000;
constexpr int kDeadAfter = 30'000;

}  // namespace

Link::Link(Loop& loop, std::unique_ptr<Transport> transport, Role role, std::string_view early, LinkOwner& owner)
    : loop_(loop),
      transport_(std::move(transport)),
      channel_(role, random_number()),
      owner_(owner),
      last_received_(loop.now()) {
  channel_.receive(early);
  loop_.watch(transport_->fd(), EPOLLIN, [this](std::uint32_t) { ready(); });
  ticker_ = loop_.after(kPingInterval, [this] { tick(); });
  schedule_flush();
}

Link::~Link() {
  *flush_scheduled_ = false;
  loop_.cancel(ticker_);
  loop_.forget(transport_->fd());
}

void Link::send(const Frame& frame) {
  channel_.send(frame);
  schedule_flush();
}

void Link::send_data(std::uint32_t session, Stream stream, std::string_view bytes) {
  channel_.send_data(session, stream, bytes);
  schedule_flush();
}

void Link::close(CloseCode code, std::string_view reason) {
  channel_.close(code, reason);
  schedule_flush();
}

void Link::refuse(std::string_view reason) {
  channel_.fail(CloseCode::protocol_error, reason);
  schedule_flush();
}

// Frames that are sent together leave together.
void Link::schedule_flush() {
  if (is_lost_ || *flush_scheduled_) return;
  *flush_scheduled_ = true;
  loop_.defer([this, scheduled = flush_scheduled_] {
    if (!*scheduled) return;
    *scheduled = false;
    take_frames();
    flush();
  });
}

void Link::ready() {
  read_all();
  if (!is_lost_) flush();
}

void Link::read_all() {
  while (!is_lost_) {
    const std::size_t count = transport_->read(channel_.prepare(read_size_.get()), read_size_.get());
    if (count == 0) break;
    read_size_.note(count);
    last_received_ = loop_.now();
    channel_.commit(count);
    take_frames();
    if (channel_.is_finished()) return;
  }
  if (transport_->state() == Transport::State::failed) lose();
}

void Link::take_frames() {
  while (!is_lost_) {
    const std::optional<Frame> frame = channel_.next();
    if (!frame) return;
    owner_.frame_received(*this, *frame);
  }
}

void Link::flush() {
  while (!is_lost_ && !channel_.outgoing().empty()) {
    const std::size_t count = transport_->write(channel_.outgoing());
    if (count == 0) break;
    channel_.consume(count);
  }
  if (is_lost_) return;
  const bool is_over = channel_.is_finished() && channel_.outgoing().empty();
  if (is_over || transport_->state() == Transport::State::failed) {
    lose();
    return;
  }
  update_events();
  if (channel_.outgoing().empty()) owner_.link_drained();
}

void Link::update_events() {
  std::uint32_t events = EPOLLIN;
  if (!channel_.outgoing().empty()) events |= EPOLLOUT;
  if (transport_->state() == Transport::State::blocked) events |= transport_->events_when_blocked();
  loop_.change(transport_->fd(), events);
}

void Link::tick() {
  if (loop_.now() - last_received_ >= kDeadAfter) {
    lose();
    return;
  }
  channel_.ping();
  schedule_flush();
  ticker_ = loop_.after(kPingInterval, [this] { tick(); });
}

void Link::lose() {
  if (is_lost_) return;
  is_lost_ = true;
  loop_.change(transport_->fd(), 0);
  owner_.link_lost(*this);
}

}  // namespace sockerless::agent
