#include "agent/task/exec_process.h"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace sockerless::agent {

namespace {

constexpr std::size_t kReadSize = 256 * 1024;
constexpr int kTerminalLimit = 500;  // ms for a terminal's last output to arrive

// One for all: what is read is passed on before the next read.
std::vector<char>& read_buffer() {
  static std::vector<char> buffer(kReadSize);
  return buffer;
}

}  // namespace

ExecProcess::ExecProcess(Loop& loop, SessionPort& port, const ExecParameters& parameters, Command command,
                         StartedCommand started, std::function<void()> over)
    : loop_(loop),
      port_(&port),
      session_(port.id()),
      command_(std::move(command)),
      pid_(started.pid),
      tty_(parameters.tty),
      over_(std::move(over)),
      standard_in_(loop, [this](std::uint32_t, std::uint32_t bytes) {
        if (port_ != nullptr) port_->consumed(bytes);
      }) {
  outputs_[0].source = std::move(started.pipes.standard_out);
  outputs_[0].is_wanted = parameters.standard_out || (tty_ && parameters.standard_error);
  outputs_[1].source = std::move(started.pipes.standard_error);
  outputs_[1].stream = Stream::standard_error;
  outputs_[1].is_wanted = parameters.standard_error && !tty_;
  for (Output& output : outputs_) watch(output);
  standard_in_.open(std::move(started.pipes.standard_in));
}

ExecProcess::~ExecProcess() {
  loop_.cancel(last_read_);
  for (const Output& output : outputs_) {
    if (output.source) loop_.forget(output.source.get());
  }
}

void ExecProcess::watch(Output& output) {
  if (!output.source) return;
  set_non_blocking(output.source.get());
  loop_.watch(output.source.get(), EPOLLIN, [this, &output](std::uint32_t) { read_some(output); });
}

// A terminal has no end of input that could be passed on.
void ExecProcess::end_input() {
  if (!tty_) standard_in_.close_after_writes();
}

void ExecProcess::detach() {
  port_ = nullptr;
  end_input();
  read_on();
}

int ExecProcess::send_signal(int signal) const {
  if (signal < 1 || signal > SIGRTMAX) return EINVAL;
  if (!is_running()) return ESRCH;
  return kill(pid_, signal) == 0 ? 0 : errno;
}

// How much may be read: as much as the daemon has room for, so that the command waits for it.
std::size_t ExecProcess::room_for(const Output& output) const {
  std::size_t room = kReadSize;
  if (port_ != nullptr && output.is_wanted) room = std::min(room, port_->available(output.stream));
  return std::min(room, output.left.value_or(room));
}

void ExecProcess::read_some(Output& output) {
  const std::size_t room = room_for(output);
  if (room == 0) {
    loop_.change(output.source.get(), 0);
    return;
  }
  ssize_t count = 0;
  do {
    count = read(output.source.get(), read_buffer().data(), room);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {  // a terminal whose last user has gone reads as EIO
    end(output);
    return;
  }
  const auto size = static_cast<std::size_t>(count);
  if (port_ != nullptr && output.is_wanted) port_->send(output.stream, {read_buffer().data(), size});
  if (output.left) *output.left -= size;
  if (output.left == 0U) {
    end(output);
  } else if (room_for(output) == 0) {
    loop_.change(output.source.get(), 0);
  }
}

void ExecProcess::read_on() {
  for (const Output& output : outputs_) {
    if (output.source) loop_.change(output.source.get(), room_for(output) > 0 ? EPOLLIN : 0);
  }
}

void ExecProcess::exited(int status) {
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  command_.drop_terminal();
  if (tty_) {
    last_read_ = loop_.after(kTerminalLimit, [this] { end(outputs_[0]); });
    return;
  }
  // Only what is there now: a process that outlives the command may hold its pipes open.
  for (Output& output : outputs_) {
    int left = 0;
    if (!output.source || ioctl(output.source.get(), FIONREAD, &left) != 0) left = 0;
    output.left = static_cast<std::size_t>(left);
    if (left == 0) end(output);
  }
}

void ExecProcess::end(Output& output) {
  if (output.source) loop_.forget(output.source.get());
  output.source.reset();
  finish_if_done();
}

void ExecProcess::finish_if_done() {
  const bool is_done = exit_code_ && !outputs_[0].source && !outputs_[1].source;
  if (!is_done || !over_) return;
  loop_.cancel(last_read_);
  if (port_ != nullptr) {
    for (const Output& output : outputs_) {
      if (output.is_wanted) port_->end(output.stream);
    }
    port_->close(*exit_code_);
  }
  std::exchange(over_, nullptr)();
}

}  // namespace sockerless::agent
