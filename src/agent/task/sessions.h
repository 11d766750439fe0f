#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "agent/protocol/frame.h"
#include "agent/task/link.h"
#include "agent/task/session.h"
#include "agent/task/session_kinds.h"

namespace sockerless::agent {

// The sessions of the current link. A session ends with its link; the command does not.
class Sessions final {
 public:
  explicit Sessions(SessionServices services) : services_(services) {}

  void link_up(Link& link);
  void link_down();

  // A frame of a session. False if the daemon broke the protocol.
  bool take(const Frame& frame);

  // No session has bytes left that the daemon has not taken.
  bool is_drained() const;

 private:
  // The session goes before its port.
  struct Live {
    std::unique_ptr<SessionPort> port;
    std::unique_ptr<TaskSession> session;
  };

  bool open(const Open& frame);
  bool data_received(const Data& frame);
  bool input_ended(const EndOfStream& frame);
  bool credit_received(const Credit& frame);
  bool closed(const Close& frame);

  // Null for a session that has ended here while its frames were under way.
  Live* find(std::uint32_t id);
  void erase_later(std::uint32_t id);

  SessionServices services_;
  Link* link_ = nullptr;
  std::uint32_t last_id_ = 0;
  std::uint64_t generation_ = 0;  // of the link
  std::map<std::uint32_t, Live> live_;
};

}  // namespace sockerless::agent
