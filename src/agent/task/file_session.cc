#include "agent/task/file_session.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "agent/protocol/bytes.h"

namespace sockerless::agent {

namespace {

constexpr int kReadsAtOnce = 8;  // then others have their turn
constexpr std::size_t kLargePiece = 16 * 1024;

}  // namespace

FileSession::FileSession(Loop& loop, SessionPort& port, FileWorker worker, bool takes_input)
    : loop_(loop), port_(port), worker_(std::move(worker)), takes_input_(takes_input) {
  loop_.watch(worker_.output.get(), EPOLLIN, [this](std::uint32_t) { read_output(); });
  if (takes_input_) {
    loop_.watch(worker_.input.get(), 0, [this](std::uint32_t) { write_input(); });
  }
}

FileSession::~FileSession() {
  *is_scheduled_ = false;
  finish();
}

bool FileSession::data(std::string_view bytes) {
  if (!takes_input_) return false;
  // A large piece goes on from where it is. Small ones, as a tar of small files has them, wait until the connection
  // has been read empty: every write wakes the worker.
  if (input_.empty() && bytes.size() >= kLargePiece) bytes.remove_prefix(write_some(bytes));
  if (bytes.empty()) return true;
  input_.append(bytes);
  if (input_.size() < kLargePiece) {
    schedule_write();
  } else if (!is_waiting_for_room_) {
    write_input();
  }
  return true;
}

void FileSession::input_ended() {
  is_input_ended_ = true;
  write_input();
}

void FileSession::schedule_write() {
  if (is_waiting_for_room_ || std::exchange(*is_scheduled_, true)) return;
  loop_.defer([this, is_scheduled = is_scheduled_] {
    if (std::exchange(*is_scheduled, false)) write_input();
  });
}

// Returns how much the worker's pipe took.
std::size_t FileSession::write_some(std::string_view bytes) {
  std::size_t done = 0;
  while (worker_.input && done < bytes.size()) {
    const ssize_t count = write(worker_.input.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    // A worker that reads no more says why on its other pipe.
    if (count < 0) close_input();
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  if (done > 0) port_.consumed(static_cast<std::uint32_t>(done));
  return done;
}

void FileSession::write_input() {
  const std::size_t written = write_some(input_);
  is_waiting_for_room_ = worker_.input && written < input_.size();
  if (is_waiting_for_room_) {
    // At once: more may come in before the pipe has taken all, again and again.
    input_.erase(0, written);
    loop_.change(worker_.input.get(), EPOLLOUT);
    return;
  }
  input_.clear();
  if (!worker_.input) return;
  if (is_input_ended_) {
    close_input();
  } else {
    loop_.change(worker_.input.get(), 0);
  }
}

void FileSession::close_input() {
  if (!worker_.input) return;
  loop_.forget(worker_.input.get());
  worker_.input.reset();
}

void FileSession::room(Stream) {
  if (worker_.output && !port_.is_over() && take_messages()) loop_.change(worker_.output.get(), EPOLLIN);
}

void FileSession::read_output() {
  for (int i = 0; i < kReadsAtOnce; ++i) {
    if (!take_messages()) return;
    output_.erase(0, taken_);
    taken_ = 0;
    const std::size_t before = output_.size();
    output_.resize(kWorkHead + kWorkPiece);
    const ssize_t count = read(worker_.output.get(), output_.data() + before, output_.size() - before);
    const int error = errno;
    output_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && (error == EAGAIN || error == EINTR)) return;
    if (count <= 0) {
      finish();
      port_.fail(EIO, "the work on the files was ended before it was done: the container ended, or is out of memory");
      return;
    }
  }
  take_messages();
}

// True if more can be read.
bool FileSession::take_messages() {
  for (;;) {
    if (!send_output()) return false;
    if (output_.size() - taken_ < kWorkHead) return true;
    ByteReader reader(std::string_view(output_).substr(taken_));
    const auto kind = static_cast<WorkMessage>(reader.u8());
    const std::size_t size = reader.u32();
    if (kind == WorkMessage::data) {
      taken_ += kWorkHead;
      unsent_ = size;
      continue;
    }
    if (output_.size() - taken_ < kWorkHead + size) return true;
    const std::string_view body = std::string_view(output_).substr(taken_ + kWorkHead, size);
    if (!take_message(kind, body)) return false;
    taken_ += kWorkHead + size;
  }
}

// Sends what there is of the current piece. False if the daemon has no room for it.
bool FileSession::send_output() {
  const std::string_view bytes = std::string_view(output_).substr(taken_, unsent_);
  const std::size_t sent = port_.send(Stream::standard_out, bytes);
  taken_ += sent;
  unsent_ -= sent;
  if (sent == bytes.size()) return true;
  loop_.change(worker_.output.get(), 0);
  return false;
}

// False if it was the last.
bool FileSession::take_message(WorkMessage kind, std::string_view body) {
  if (kind == WorkMessage::opened) {
    port_.opened(body);
    return true;
  }
  if (kind == WorkMessage::closed) {
    port_.end(Stream::standard_out);
    port_.close(0);
  } else {
    ByteReader reader(body);
    const int error_number = static_cast<int>(reader.u32());
    port_.fail(error_number, reader.rest());
  }
  finish();
  return false;
}

void FileSession::finish() {
  close_input();
  if (!worker_.output) return;
  loop_.forget(worker_.output.get());
  worker_.output.reset();
}

}  // namespace sockerless::agent
