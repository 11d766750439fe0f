#include "agent/hub/peer.h"

#include "base/log.h"
#include "base/read_size.h"

namespace sockerless::agent {

namespace {

using namespace std::chrono_literals;

constexpr auto kPingInterval = 10s;
constexpr auto kDeadAfter = 30s;
constexpr auto kGoodbyeLimit = 5s;
constexpr std::size_t kLargePiece = 16 * 1024;  // worth a write of its own

// Masks on a connection that carries a bearer token protect nobody; they only have to differ.
std::uint64_t mask_seed() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

std::uint32_t session_of(const Frame& frame) {
  return std::visit(
      [](const auto& held) -> std::uint32_t {
        if constexpr (requires { held.session; }) {
          return held.session;
        } else {
          return 0;
        }
      },
      frame);
}

}  // namespace

Peer::Peer(Clock& clock, std::unique_ptr<http::Connection> connection, Role role, PeerOwner& owner)
    : clock_(clock),
      connection_(std::move(connection)),
      channel_(role, mask_seed()),
      owner_(&owner),
      last_received_(clock.steady_now()) {}

void Peer::start(TaskGroup& tasks) {
  schedule_ping();
  tasks.spawn("agent reader", read_frames(shared_from_this()));
  tasks.spawn("agent writer", write_frames(shared_from_this()));
}

void Peer::send(const Frame& frame) {
  channel_.send(frame);
  outgoing_.set();
}

void Peer::send_data(std::uint32_t session, Stream stream, const std::shared_ptr<const std::string>& owner,
                     std::string_view bytes) {
  while (bytes.size() >= kLargePiece) {
    const std::string_view piece = bytes.substr(0, kMaxData);
    auto head = channel_.begin_data(session, stream, piece.size());
    if (!head) break;
    pieces_.push_back({.head = std::move(*head), .owner = owner, .bytes = piece});
    bytes.remove_prefix(piece.size());
  }
  if (!bytes.empty()) channel_.send_data(session, stream, bytes);
  outgoing_.set();
}

std::uint32_t Peer::open(std::shared_ptr<Session> session, SessionKind kind, std::string_view parameters) {
  const std::uint32_t id = ++last_id_;
  sessions_.emplace(id, std::move(session));
  send(Open{.session = id, .kind = kind, .parameters = parameters});
  return id;
}

void Peer::abandon(std::uint32_t id) {
  if (sessions_.erase(id) > 0 && !is_lost_) send(Close{.session = id, .result = 0});
}

void Peer::drop(CloseCode code, const std::string& reason) {
  owner_ = nullptr;
  channel_.close(code, reason);
  lose(reason);
}

void Peer::refuse(const std::string& reason) {
  channel_.fail(CloseCode::protocol_error, reason);
  lose(reason);
}

Awaitable<void> Peer::read_frames(std::shared_ptr<Peer> self) {
  ReadSize size(kLeastRead, kMostRead);
  try {
    while (!is_lost_) {
      char* room = channel_.prepare(size.get());
      const std::size_t count = co_await connection_->read_some(asio::buffer(room, size.get()));
      if (count == 0) break;
      size.note(count);
      last_received_ = clock_.steady_now();
      channel_.commit(count);
      while (!is_lost_) {
        const std::optional<Frame> frame = channel_.next();
        if (!frame) break;
        take(*frame);
      }
      outgoing_.set();  // the channel may have answered a ping or a goodbye
      if (channel_.is_finished()) break;
    }
  } catch (const boost::system::system_error& error) {
    lose("connection to the agent lost: " + error.code().message());
    co_return;
  }
  lose(channel_.error().empty() ? "the agent closed the connection" : channel_.error());
}

Awaitable<void> Peer::write_frames(std::shared_ptr<Peer> self) {
  try {
    for (;;) {
      while (!pieces_.empty()) {
        const Piece piece = std::move(pieces_.front());
        pieces_.pop_front();
        co_await connection_->write(piece.head, piece.bytes);
      }
      if (!channel_.outgoing().empty()) {
        const std::string batch = channel_.take_outgoing();
        co_await connection_->write(batch);
        continue;
      }
      if (is_lost_) break;
      outgoing_.reset();
      co_await outgoing_.wait();
    }
  } catch (const boost::system::system_error& error) {
    lose("connection to the agent lost: " + error.code().message());
  }
  // The goodbye is out, or cannot be sent any more.
  connection_->close();
}

void Peer::take(const Frame& frame) {
  const std::uint32_t session = session_of(frame);
  if (session == 0) {
    if (owner_ != nullptr) owner_->frame_received(*this, frame);
  } else if (session > last_id_ || !take_session_frame(frame)) {
    refuse("protocol error: frame out of place");
  }
}

std::shared_ptr<Session> Peer::find(std::uint32_t id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

// Frames of a session that this side has abandoned may still be under way: they are ignored.
bool Peer::take_session_frame(const Frame& frame) {
  if (std::holds_alternative<Open>(frame)) return false;  // only the daemon opens sessions
  const std::uint32_t id = session_of(frame);
  const std::shared_ptr<Session> session = find(id);
  if (session == nullptr) return true;
  if (const auto* data = std::get_if<Data>(&frame)) {
    return data->stream != Stream::standard_in && session->data(data->stream, data->bytes);
  }
  if (const auto* credit = std::get_if<Credit>(&frame)) return session->credit(credit->stream, credit->bytes);
  if (const auto* opened = std::get_if<Opened>(&frame)) session->opened(opened->parameters);
  if (const auto* end = std::get_if<EndOfStream>(&frame)) session->end_of_stream(end->stream);
  if (const auto* close = std::get_if<Close>(&frame)) {
    sessions_.erase(id);
    session->ended(close->result);
  }
  if (const auto* error = std::get_if<SessionError>(&frame)) {
    sessions_.erase(id);
    session->failed(static_cast<int>(error->error_number), std::string(error->text));
  }
  return true;
}

void Peer::schedule_ping() {
  ping_ = clock_.after(kPingInterval, [this] {
    const auto self = shared_from_this();
    if (clock_.steady_now() - last_received_ >= kDeadAfter) {
      lose("the agent has not been heard for 30 s");
      return;
    }
    channel_.ping();
    outgoing_.set();
    schedule_ping();
  });
}

void Peer::lose(const std::string& reason) {
  if (is_lost_) return;
  is_lost_ = true;
  // An agent that does not read must not keep the goodbye, and with it the connection, for ever.
  ping_ = clock_.after(kGoodbyeLimit, [this] { connection_->close(); });
  outgoing_.set();        // the writer sends what is left and closes
  connection_->cancel();  // the reader reads no more
  end_sessions(reason);
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->peer_lost(*this, reason);
}

void Peer::end_sessions(const std::string& reason) {
  const auto sessions = std::exchange(sessions_, {});
  for (const auto& [id, session] : sessions) session->lost(reason);
}

}  // namespace sockerless::agent
