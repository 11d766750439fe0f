#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/protocol/exec.h"
#include "agent/task/command.h"
#include "agent/task/loop.h"
#include "agent/task/session.h"
#include "agent/task/standard_in.h"

namespace sockerless::agent {

// A command that an exec session has started, and what it reads and writes. It outlives its session:
// what it writes afterwards is thrown away.
class ExecProcess {
 public:
  // `over` is called once, when the command has exited and everything it wrote has left.
  ExecProcess(Loop& loop, SessionPort& port, const ExecParameters& parameters, Command command, StartedCommand started,
              std::function<void()> over);
  ~ExecProcess();
  ExecProcess(const ExecProcess&) = delete;
  ExecProcess& operator=(const ExecProcess&) = delete;

  pid_t pid() const { return pid_; }
  std::uint32_t session() const { return session_; }

  // Input of the session.
  void write(std::string_view bytes) { standard_in_.write(session_, bytes); }
  void end_input();

  // The session's output may go on.
  void room() { read_on(); }

  // The session has gone.
  void detach();
  bool is_attached() const { return port_ != nullptr; }

  int send_signal(int signal) const;
  int resize(int rows, int columns) { return is_running() ? command_.resize(rows, columns) : ESRCH; }

  // It has been reaped.
  void exited(int status);
  bool is_running() const { return !exit_code_; }

 private:
  struct Output {
    Stream stream = Stream::standard_out;
    FileDescriptor source;
    bool is_wanted = false;
    std::optional<std::size_t> left;  // of a pipe, once the command has exited
  };

  void watch(Output& output);
  void read_some(Output& output);
  void read_on();
  std::size_t room_for(const Output& output) const;
  void end(Output& output);
  void finish_if_done();

  Loop& loop_;
  SessionPort* port_;
  std::uint32_t session_;
  Command command_;
  pid_t pid_;
  bool tty_;
  std::function<void()> over_;
  StandardIn standard_in_;
  std::array<Output, 2> outputs_;
  std::optional<int> exit_code_;
  Loop::TimerId last_read_ = 0;
};

}  // namespace sockerless::agent
