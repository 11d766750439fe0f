#include "agent/task/output_pump.h"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace sockerless::agent {

namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr int kTerminalLimit = 500;  // ms for a terminal's last output to arrive

bool is_pipe(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

}  // namespace

OutputPump::OutputPump(Loop& loop, Stream stream, FileDescriptor source, OutputListener& listener)
    : loop_(loop),
      stream_(stream),
      source_(std::move(source)),
      listener_(listener),
      sink_(stream == Stream::standard_error ? STDERR_FILENO : STDOUT_FILENO) {
  set_non_blocking(source_.get());
  loop_.watch(source_.get(), EPOLLIN, [this](std::uint32_t) { read_some(); });
}

OutputPump::~OutputPump() {
  loop_.cancel(last_read_);
  if (source_) loop_.forget(source_.get());
  if (is_sink_watched_) loop_.forget(sink_.fd());
}

void OutputPump::resume() {
  if (!source_) return;
  const bool may_read = done_ || (unwritten_.empty() && !listener_.is_holding(stream_));
  loop_.change(source_.get(), may_read ? EPOLLIN : 0);
}

void OutputPump::read_some() {
  read_chunk(kChunk);
  resume();
}

// How much it read: 0 when there is nothing now, or ever.
std::size_t OutputPump::read_chunk(std::size_t limit) {
  std::array<char, kChunk> buffer;
  ssize_t count = 0;
  do {
    count = read(source_.get(), buffer.data(), std::min(limit, buffer.size()));
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return 0;
  if (count <= 0) {  // a terminal whose last user has gone reads as EIO
    end();
    return 0;
  }
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
  counter_.add(bytes);
  unwritten_.append(bytes);
  flush();
  listener_.deliver(stream_, bytes);
  return bytes.size();
}

void OutputPump::flush() {
  const std::size_t written = sink_.write(unwritten_);
  unwritten_.erase(0, written);
  if (unwritten_.empty()) {
    if (is_sink_watched_) loop_.forget(sink_.fd());
    is_sink_watched_ = false;
    if (done_ && !source_) loop_.defer(done_);
    return;
  }
  if (is_sink_watched_) return;
  is_sink_watched_ = loop_.watch(sink_.fd(), EPOLLOUT, [this](std::uint32_t) {
    flush();
    resume();
  });
}

void OutputPump::finish(std::function<void()> done) {
  done_ = std::move(done);
  if (!source_) {
    end();
  } else if (is_pipe(source_.get())) {
    // Only what is there now: a process that outlived the command may hold the pipe open.
    int left = 0;
    if (ioctl(source_.get(), FIONREAD, &left) != 0) left = 0;
    while (left > 0 && source_) {
      const std::size_t count = read_chunk(static_cast<std::size_t>(left));
      if (count == 0) break;
      left -= static_cast<int>(count);
    }
    end();
  } else {
    last_read_ = loop_.after(kTerminalLimit, [this] { end(); });
    resume();
  }
}

void OutputPump::end() {
  loop_.cancel(last_read_);
  if (source_) loop_.forget(source_.get());
  source_.reset();
  if (done_) loop_.defer(done_);
}

}  // namespace sockerless::agent
