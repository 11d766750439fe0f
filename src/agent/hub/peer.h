#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "agent/hub/session.h"
#include "agent/protocol/channel.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/task_group.h"
#include "http/connection.h"

namespace sockerless::agent {

class Peer;

class PeerOwner {
 public:
  virtual ~PeerOwner() = default;

  // A frame that belongs to no session.
  virtual void frame_received(Peer& peer, const Frame& frame) = 0;

  // Called once, unless the owner dropped the peer.
  virtual void peer_lost(Peer& peer, const std::string& reason) = 0;
};

// One upgraded connection to an agent: moves frames, pings, notices death, and gives session frames
// to their sessions. Shared by the coroutines that serve it.
class Peer : public std::enable_shared_from_this<Peer> {
 public:
  Peer(Clock& clock, std::unique_ptr<http::Connection> connection, Role role, PeerOwner& owner);

  void start(TaskGroup& tasks);

  void send(const Frame& frame);
  // The bytes are a part of what the owner holds; they are not copied.
  void send_data(std::uint32_t session, Stream stream, const std::shared_ptr<const std::string>& owner,
                 std::string_view bytes);

  // Registers the session and asks the agent for it. The id is unique on this connection.
  std::uint32_t open(std::shared_ptr<Session> session, SessionKind kind, std::string_view parameters);

  // The session is told nothing more. If it is still open, the agent is told that nobody cares.
  void abandon(std::uint32_t id);

  // Ends the connection and its sessions without telling the owner. Normal tells the agent that its
  // container is forgotten, going_away that it may connect again.
  void drop(CloseCode code, const std::string& reason);

  // The agent broke the protocol: says so to it and ends the connection.
  void refuse(const std::string& reason);

  bool is_lost() const { return is_lost_; }

 private:
  // What goes out before the channel's outgoing bytes.
  struct Piece {
    std::string head;
    std::shared_ptr<const std::string> owner;
    std::string_view bytes;
  };

  Awaitable<void> read_frames(std::shared_ptr<Peer> self);
  Awaitable<void> write_frames(std::shared_ptr<Peer> self);
  void take(const Frame& frame);
  bool take_session_frame(const Frame& frame);
  std::shared_ptr<Session> find(std::uint32_t id) const;
  void schedule_ping();
  void lose(const std::string& reason);
  void end_sessions(const std::string& reason);

  Clock& clock_;
  std::unique_ptr<http::Connection> connection_;
  Channel channel_;
  std::deque<Piece> pieces_;
  PeerOwner* owner_;
  Event outgoing_;
  std::chrono::steady_clock::time_point last_received_;
  std::unique_ptr<Clock::Timer> ping_;
  std::uint32_t last_id_ = 0;
  std::map<std::uint32_t, std::shared_ptr<Session>> sessions_;
  bool is_lost_ = false;
};

}  // namespace sockerless::agent
