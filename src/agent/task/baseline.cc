#include "agent/task/baseline.h"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "agent/task/error_text.h"
#include "agent/task/file_record.h"

namespace sockerless::agent {

namespace {

constexpr int kLongest = 2'000;  // ms that the command waits

void record_root(WorkPipes& pipes, int fd) {
  const int error = record_files(RootFolder(), Mounts::of_container(), fd);
  if (error == 0) {
    pipes.close();
  } else if (error == EFBIG) {
    pipes.fail(error, "the image has too many files to be recorded when it starts");
  } else {
    pipes.fail(error, std::string("the files of the image could not be recorded: ") + error_text(error));
  }
}

}  // namespace

void Baseline::record(std::function<void()> recorded) {
  recorded_ = std::move(recorded);
  record_ = FileDescriptor(memfd_create("sockerless-files", MFD_CLOEXEC));
  if (record_) worker_ = FileWorker::start(record_root, false, record_.get());
  const int error = record_ ? worker_.error_number : errno;
  if (error != 0) {
    finish(std::string("the files of the image could not be recorded: ") + error_text(error));
    return;
  }
  loop_.watch(worker_.output.get(), EPOLLIN, [this](std::uint32_t) { read_end(); });
  timer_ = loop_.after(kLongest, [this] {
    finish("recording the files of the image took too long; the command was not held up for it");
  });
}

void Baseline::read_end() {
  std::array<char, 1024> buffer;
  const ssize_t count = read(worker_.output.get(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) {
    messages_.append(buffer.data(), static_cast<std::size_t>(count));
    return;
  }
  const bool is_recorded = !messages_.empty() && messages_[0] == static_cast<char>(WorkMessage::closed);
  constexpr std::size_t kTextAt = kWorkHead + 4;
  finish(is_recorded                  ? ""
         : messages_.size() > kTextAt ? messages_.substr(kTextAt)
                                      : "recording the files of the image was cut off");
}

void Baseline::finish(std::string failure) {
  stop();
  failure_ = std::move(failure);
  if (!failure_.empty()) record_.reset();
  if (const auto recorded = std::exchange(recorded_, nullptr)) recorded();
}

void Baseline::stop() {
  loop_.cancel(timer_);
  if (!worker_.output) return;
  loop_.forget(worker_.output.get());
  worker_.output.reset();
}

}  // namespace sockerless::agent
