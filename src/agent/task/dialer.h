#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/protocol/backoff.h"
#include "agent/task/loop.h"
#include "agent/task/options.h"
#include "agent/task/resolver.h"
#include "agent/task/transport.h"

namespace sockerless::agent {

// Reverse mode: connects to the daemon and upgrades, again and again until it succeeds. Whoever gets
// the connection says when the next one is needed.
class Dialer {
 public:
  // An upgraded connection and what arrived behind the HTTP head.
  using Connected = std::function<void(std::unique_ptr<Transport> transport, std::string early)>;

  // `refused` is called when a daemon answers that it does not expect this agent.
  Dialer(Loop& loop, const Options& options, Connected connected, std::function<void()> refused)
      : loop_(loop),
        options_(options),
        connected_(std::move(connected)),
        refused_(std::move(refused)),
        resolver_(loop) {}
  ~Dialer();
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  void dial();

  // The connection is gone: dials after a pause, a short one if the daemon had welcomed the agent.
  void dial_again();
  void welcomed() { backoff_.reset(); }

  // Why the latest attempt failed; empty if none did.
  const std::string& last_error() const { return last_error_; }

 private:
  void try_next_address();
  void socket_connected(FileDescriptor socket);
  void carry_on();
  bool write_request();
  bool read_response();
  void wait_for(std::uint32_t events);
  void drop_attempt();
  void fail(std::string error);

  Loop& loop_;
  const Options& options_;
  Connected connected_;
  std::function<void()> refused_;
  Resolver resolver_;
  Backoff backoff_{250};
  std::string last_error_;

  // Of the current attempt.
  std::vector<SocketAddress> addresses_;
  std::size_t next_address_ = 0;
  FileDescriptor connecting_;
  std::unique_ptr<Transport> transport_;
  std::string key_;
  std::string request_;
  std::string response_;
  Loop::TimerId deadline_ = 0;
  Loop::TimerId pause_ = 0;
};

}  // namespace sockerless::agent
