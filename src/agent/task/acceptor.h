#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agent/task/loop.h"
#include "agent/task/options.h"
#include "agent/task/transport.h"

namespace sockerless::agent {

// Forward mode: listens for the daemon. Answers GET /health to anybody, upgrades who knows the token,
// and refuses strangers: 401 for a wrong token, 404 for another path, container or launch.
class Acceptor {
 public:
  using Connected = std::function<void(std::unique_ptr<Transport> transport, std::string early)>;

  Acceptor(Loop& loop, const Options& options, Connected connected)
      : loop_(loop), options_(options), connected_(std::move(connected)) {}
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Empty, or why it cannot listen.
  std::string listen();

 private:
  struct Peer {
    std::unique_ptr<Transport> transport;
    std::string request;
    std::string response;
    bool is_upgrade = false;
    std::string early;
    Loop::TimerId deadline = 0;
  };

  void accept_all();
  void carry_on(int fd);
  bool read_request(Peer& peer);
  void answer(Peer& peer);
  void write_response(int fd);
  void drop(int fd);

  Loop& loop_;
  const Options& options_;
  Connected connected_;
  FileDescriptor listener_;
  std::map<int, Peer> peers_;
};

}  // namespace sockerless::agent
