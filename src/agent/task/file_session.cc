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
}

FileSession::~FileSession() {
  *is_scheduled_ = false;
  finish();
}

bool FileSession::data(std::string_view bytes) {
  if (!takes_input_) return false;
  if (input_.empty()) {
    put_input(bytes);
  } else {
    input_.append(bytes);
  }
  // Small pieces, as a tar of small files has them, wake the worker once the connection has been read empty.
  if (bytes.size() < kLargePiece) {
    schedule_wake();
  } else if (worker_.input) {
    worker_.input->wake();
  }
  return true;
}

// What finds no room is kept until the worker says that there is some.
void FileSession::put_input(std::string_view bytes) {
  while (worker_.input && !bytes.empty()) {
    const std::size_t count = worker_.input->put(bytes);
    bytes.remove_prefix(count);
    port_.consumed(static_cast<std::uint32_t>(count));
    if (!bytes.empty() && worker_.input->ask_for_room()) {
      input_.assign(bytes);
      return;
    }
  }
}

void FileSession::room_for_input() {
  const std::string left = std::exchange(input_, {});
  put_input(left);
  if (!worker_.input) return;
  if (is_input_ended_ && input_.empty()) {
    end_input();
  } else {
    worker_.input->wake();
  }
}

void FileSession::schedule_wake() {
  if (std::exchange(*is_scheduled_, true)) return;
  loop_.defer([this, is_scheduled = is_scheduled_] {
    if (std::exchange(*is_scheduled, false) && worker_.input) worker_.input->wake();
  });
}

void FileSession::input_ended() {
  is_input_ended_ = true;
  if (input_.empty()) end_input();
}

void FileSession::end_input() {
  if (worker_.input) worker_.input->end();
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
  if (kind == WorkMessage::room) {
    room_for_input();
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
  end_input();
  if (!worker_.output) return;
  loop_.forget(worker_.output.get());
  worker_.output.reset();
}

}  // namespace sockerless::agent
