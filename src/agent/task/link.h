#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agent/protocol/channel.h"
#include "agent/task/loop.h"
#include "agent/task/transport.h"
#include "base/read_size.h"

namespace sockerless::agent {

class Link;

class LinkOwner {
 public:
  virtual ~LinkOwner() = default;
  virtual void frame_received(Link& link, const Frame& frame) = 0;

  // Called once; the link is of no more use and may be destroyed, but only after the call.
  virtual void link_lost(Link& link) = 0;

  // Everything that was sent has been given to the kernel.
  virtual void link_drained() = 0;
};

// The upgraded connection to the daemon: moves bytes between its transport and a Channel, pings, and
// notices when the other side has died.
class Link {
 public:
  // `early` is what arrived behind the HTTP head.
  Link(Loop& loop, std::unique_ptr<Transport> transport, Role role, std::string_view early, LinkOwner& owner);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void send(const Frame& frame);
  void send_data(std::uint32_t session, Stream stream, std::string_view bytes);

  // Says goodbye and lets the owner go on to link_lost() when the peer has answered or gone.
  void close(CloseCode code, std::string_view reason);

  // Reports a violation to the peer; the link is then lost.
  void refuse(std::string_view reason);

  bool is_drained() const { return channel_.outgoing().empty(); }

  // The daemon ended the connection because it has forgotten the container.
  bool is_dismissed() const { return channel_.is_dismissed(); }

 private:
  void ready();
  void read_all();
  void take_frames();
  void schedule_flush();
  void flush();
  void update_events();
  void tick();
  void lose();

  Loop& loop_;
  std::unique_ptr<Transport> transport_;
  Channel channel_;
  ReadSize read_size_{kLeastRead, kMostRead};
  LinkOwner& owner_;
  bool is_lost_ = false;
  std::int64_t last_received_;
  Loop::TimerId ticker_ = 0;
  std::shared_ptr<bool> flush_scheduled_ = std::make_shared<bool>(false);  // outlives the link in deferred calls
};

}  // namespace sockerless::agent
