#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/protocol/frame.h"
#include "base/async.h"
#include "base/error.h"

namespace sockerless::agent {

class Peer;

// A session to open: its kind, the parameters of the kind (docs/agent-protocol.md) and the streams
// that it carries.
struct StreamRequest {
  SessionKind kind = SessionKind::attach;
  std::string parameters;
  bool standard_in = false;
  bool standard_out = false;
  bool standard_error = false;
};

// A client's view of the container's command.
StreamRequest attach_request(bool standard_in, bool standard_out, bool standard_error);

// The agent's own answer to a session that it could not begin or go on with. The kind follows from
// the error number: not_found for ENOENT, forbidden for EACCES and EPERM, invalid_argument for
// EINVAL, not_implemented for ENOSYS, else conflict.
class SessionFailure : public Error {
 public:
  SessionFailure(int error_number, const std::string& text);

  int error_number() const noexcept { return error_number_; }

 private:
  int error_number_;
};

// A piece of a session's output; a terminal has only stream 1.
struct Output {
  int stream = 1;  // 1 is stdout, 2 is stderr
  std::string bytes;
};

// The daemon's end of a session with streams. Output waits here, 256 KiB at most for each stream,
// until it is read, and beyond that holds the agent's end back. Destroying it ends the session. At
// most one read() and one write() at a time.
class StreamSession {
 public:
  class State;

  explicit StreamSession(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~StreamSession();
  StreamSession(const StreamSession&) = delete;
  StreamSession& operator=(const StreamSession&) = delete;

  // The next output; nothing at its end. Throws SessionFailure if the agent could not go on, and
  // Error(unavailable) if the agent is lost before.
  Awaitable<std::optional<Output>> read();

  // Returns when the agent has room for all of it. What is written to a session that has ended is
  // dropped. Throws as read() does.
  Awaitable<void> write(std::string bytes);

  // The client's input ends behind what was written.
  void close_stdin();

  // Returns when the session has ended and the agent has sent everything, or the agent is lost.
  Awaitable<void> closed();

  // Waits for the end and returns the session's result; output that nobody reads is dropped. Throws
  // as read() does.
  Awaitable<int> result();

  // What the agent answered when it opened the session.
  const std::string& answer() const;

  // The agent has ended it, or is lost.
  bool is_over() const;

  // The number by which signal and resize sessions name this one.
  std::uint32_t id() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace sockerless::agent
