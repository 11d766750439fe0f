#include "agent/task/standard_in.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>

namespace sockerless::agent {

StandardIn::~StandardIn() {
  if (is_watched_) loop_.forget(pipe_.get());
}

void StandardIn::open(FileDescriptor pipe) {
  pipe_ = std::move(pipe);
  is_open_ = true;
  if (pipe_) set_non_blocking(pipe_.get());
  flush();
}

void StandardIn::write(std::uint32_t session, std::string_view bytes) {
  // Most of it fits into the pipe at once and need not be kept.
  if (pipe_ && pieces_.empty()) {
    const ssize_t count = ::write(pipe_.get(), bytes.data(), bytes.size());
    if (count > 0) {
      consumed_(session, static_cast<std::uint32_t>(count));
      bytes.remove_prefix(static_cast<std::size_t>(count));
      if (bytes.empty()) return;
    }
  }
  pieces_.push_back({.session = session, .bytes = std::string(bytes)});
  if (!is_watched_) flush();
}

void StandardIn::close_after_writes() {
  is_closing_ = true;
  if (!is_watched_) flush();
}

void StandardIn::flush() {
  if (!is_open_) return;
  while (pipe_ && !pieces_.empty()) {
    Piece& piece = pieces_.front();
    const ssize_t count = ::write(pipe_.get(), piece.bytes.data() + written_, piece.bytes.size() - written_);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      if (!is_watched_) is_watched_ = loop_.watch(pipe_.get(), EPOLLOUT, [this](std::uint32_t) { flush(); });
      return;
    }
    if (count < 0) break;  // the command has closed its end
    consumed_(piece.session, static_cast<std::uint32_t>(count));
    written_ += static_cast<std::size_t>(count);
    if (written_ == piece.bytes.size()) {
      pieces_.pop_front();
      written_ = 0;
    }
  }
  if (is_watched_) loop_.forget(pipe_.get());
  is_watched_ = false;
  if (!pieces_.empty() || is_closing_) discard();
}

// Clients may go on sending: what they send is granted anew at once and goes nowhere.
void StandardIn::discard() {
  pipe_.reset();
  while (!pieces_.empty()) {
    const auto left = static_cast<std::uint32_t>(pieces_.front().bytes.size() - written_);
    consumed_(pieces_.front().session, left);
    pieces_.pop_front();
    written_ = 0;
  }
}

}  // namespace sockerless::agent
