#include "agent/task/file_worker.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "agent/protocol/bytes.h"

namespace sockerless::agent {

namespace {

constexpr int kPipeSize = 1024 * 1024;
constexpr int kWorkOut = 3;
constexpr int kWorkExtra = 4;
constexpr int kFirstUnused = 5;

void write_head(char* head, WorkMessage kind, std::size_t size) {
  head[0] = static_cast<char>(kind);
  for (int i = 0; i < 4; ++i) head[1 + i] = static_cast<char>(size >> (24 - 8 * i));
}

// Puts the descriptors where the work expects them and closes all others: the session's own ends
// above all, or the work would never see that the agent has closed them.
void take_descriptors(int out, int extra) {
  std::array<int, 2> given{out, extra};
  for (int& fd : given) {
    if (fd >= 0) fd = fcntl(fd, F_DUPFD, kFirstUnused);
  }
  for (int i = 0; i < 2; ++i) {
    if (given[static_cast<std::size_t>(i)] >= 0) {
      dup2(given[static_cast<std::size_t>(i)], kWorkOut + i);
    } else {
      close(kWorkOut + i);
    }
  }
  if (syscall(SYS_close_range, kFirstUnused, ~0U, 0) == 0) return;
  const long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = kFirstUnused; fd < (limit > 0 ? limit : 1024); ++fd) close(fd);
}

}  // namespace

WorkPipes::WorkPipes(InputRing* in, int out) : in_(in), out_(out), output_(kWorkHead + kWorkPiece, '\0') {}

void WorkPipes::take(std::size_t count) {
  if (in_->take(count)) send(WorkMessage::room, {});
}

bool WorkPipes::write(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t size = 0;
    char* into = room(size);
    if (into == nullptr) return false;
    size = std::min(size, bytes.size());
    bytes.copy(into, size);
    filled(size);
    bytes.remove_prefix(size);
  }
  return is_wanted_;
}

char* WorkPipes::room(std::size_t& size) {
  if (used_ == output_.size() && !flush()) return nullptr;
  size = output_.size() - used_;
  return is_wanted_ ? output_.data() + used_ : nullptr;
}

void WorkPipes::close() {
  if (flush()) send(WorkMessage::closed, {});
}

void WorkPipes::fail(int error_number, std::string_view text) {
  if (!flush()) return;
  std::string body;
  ByteWriter writer(body);
  writer.u32(static_cast<std::uint32_t>(error_number));
  writer.bytes(text.substr(0, kWorkPiece - 4));
  send(WorkMessage::failed, body);
}

bool WorkPipes::flush() {
  if (used_ == kWorkHead) return is_wanted_;
  write_head(output_.data(), WorkMessage::data, used_ - kWorkHead);
  const std::size_t size = std::exchange(used_, kWorkHead);
  return write_all(output_.data(), size);
}

void WorkPipes::send(WorkMessage kind, std::string_view body) {
  std::string message(kWorkHead, '\0');
  write_head(message.data(), kind, body.size());
  message.append(body);
  write_all(message.data(), message.size());
}

bool WorkPipes::write_all(const char* bytes, std::size_t size) {
  while (is_wanted_ && size > 0) {
    const ssize_t count = ::write(out_, bytes, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      is_wanted_ = false;
      break;
    }
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
  return is_wanted_;
}

FileWorker FileWorker::start(const Work& work, bool takes_input, int extra) {
  FileWorker worker;
  std::array<int, 2> out{-1, -1};
  if (takes_input) worker.input = InputRing::make();
  if ((takes_input && !worker.input) || pipe2(out.data(), O_CLOEXEC) != 0) {
    worker.error_number = errno;
    return worker;
  }
  const FileDescriptor work_out(out[1]);
  worker.output = FileDescriptor(out[0]);
  // A smaller pipe serves as well, if slower.
  fcntl(out[1], F_SETPIPE_SZ, kPipeSize);
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    take_descriptors(work_out.get(), extra);
    WorkPipes pipes(worker.input ? &*worker.input : nullptr, kWorkOut);
    work(pipes, extra >= 0 ? kWorkExtra : -1);
    _exit(0);
  }
  if (pid < 0) worker.error_number = errno;
  set_non_blocking(worker.output.get());
  return worker;
}

}  // namespace sockerless::agent
