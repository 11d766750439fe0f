#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "agent/task/file_descriptor.h"
#include "agent/task/loop.h"

namespace sockerless::agent {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// Looks up a host without holding up the loop: in a child process, because a static program must not
// be a threaded one only for this. Addresses in digits are answered in place.
class Resolver {
 public:
  using Done = std::function<void(std::vector<SocketAddress> addresses, std::string error)>;

  explicit Resolver(Loop& loop) : loop_(loop) {}
  ~Resolver() { cancel(); }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  void resolve(const std::string& host, const std::string& port, Done done);
  void cancel();

 private:
  void collect();

  Loop& loop_;
  Done done_;
  FileDescriptor answer_;
  pid_t child_ = -1;
  std::string received_;
};

// Blocks for as long as the name servers do, unless only digits are accepted.
std::vector<SocketAddress> look_up(const std::string& host, const std::string& port, int flags, std::string& error);

}  // namespace sockerless::agent
