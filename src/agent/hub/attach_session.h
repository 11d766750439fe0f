#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/async.h"

namespace sockerless::agent {

class Peer;

// Which streams of the command a session carries.
struct AttachOptions {
  bool stdin_ = false;
  bool stdout_ = false;
  bool stderr_ = false;
};

// A piece of the command's output; a terminal has only stream 1.
struct Output {
  int stream = 1;  // 1 is stdout, 2 is stderr
  std::string bytes;
};

// One client's view of the container's command. Output waits here, 256 KiB at most for each stream,
// until it is read, and beyond that holds the command back. Destroying it ends the session. At most
// one read() and one write() at a time.
class AttachSession {
 public:
  class State;

  explicit AttachSession(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~AttachSession();
  AttachSession(const AttachSession&) = delete;
  AttachSession& operator=(const AttachSession&) = delete;

  // The next output; nothing at its end. Throws Error(unavailable) if the agent is lost before.
  Awaitable<std::optional<Output>> read();

  // Returns when the agent has room for all of it. What is written to a command that has ended is
  // dropped. Throws Error(unavailable) if the agent is lost.
  Awaitable<void> write(std::string bytes);

  // The client's input ends behind what was written.
  void close_stdin();

  // Returns when the command has ended and the agent has sent everything, or the agent is lost.
  Awaitable<void> closed();

 private:
  std::shared_ptr<State> state_;
};

}  // namespace sockerless::agent
