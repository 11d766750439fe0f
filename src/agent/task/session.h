#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "agent/protocol/credit.h"
#include "agent/protocol/frame.h"

namespace sockerless::agent {

class Link;

// A session's way to the daemon: counts what each side may still send. After close() or fail()
// nothing more is sent and the session is destroyed once the current callback has returned.
class SessionPort {
 public:
  // `over` is called at the first close() or fail().
  SessionPort(std::uint32_t id, Link& link, std::function<void()> over);

  std::uint32_t id() const { return id_; }

  void opened(std::string_view parameters = {});

  // How much the daemon has room for. The session's room() is called when that grows.
  std::size_t available(Stream stream) const { return window(stream).available(); }

  // Sends as much of the bytes as the daemon has room for, and returns how much that was.
  std::size_t send(Stream stream, std::string_view bytes);
  void end(Stream stream);

  // Input has left the session's buffer: the daemon may send as much more.
  void consumed(std::uint32_t bytes);

  void close(int result);
  void fail(int error_number, std::string_view text);

  bool is_over() const { return is_over_; }

 private:
  friend class Sessions;

  SendWindow& window(Stream stream) { return windows_[stream == Stream::standard_error ? 1 : 0]; }
  const SendWindow& window(Stream stream) const { return windows_[stream == Stream::standard_error ? 1 : 0]; }
  void finish();

  std::uint32_t id_;
  Link& link_;
  std::function<void()> over_;
  std::array<SendWindow, 2> windows_;
  ReceiveWindow input_;
  bool is_input_ended_ = false;
  bool is_over_ = false;
};

// What one kind of session does. Made by an open frame; destroyed when it is over, when the daemon
// has lost interest, and when the link is lost: the destructor ends whatever the session began and
// must not use the port. No function may destroy the session itself.
class TaskSession {
 public:
  TaskSession() = default;
  virtual ~TaskSession() = default;
  TaskSession(const TaskSession&) = delete;
  TaskSession& operator=(const TaskSession&) = delete;

  // Input, at most as much as the daemon was granted. False if the kind takes none: a violation.
  [[nodiscard]] virtual bool data(std::string_view) { return false; }
  virtual void input_ended() {}

  // More of that output can be sent.
  virtual void room(Stream) {}

  // Output waits here for the daemon, and the agent stays for it.
  virtual bool has_unsent() const { return false; }
};

}  // namespace sockerless::agent
