#pragma once

#include <string>
#include <utility>

namespace sockerless::cloud {

// A file descriptor that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset(other.release());
    return *this;
  }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_;
};

// Opens what `name` means to a process that has the folder `root` as its "/": no symbolic link and
// no ".." leads out of it. -1 and errno if that fails.
int open_in_root(int root, const std::string& name, int flags);

// The file, made if it is missing, locked for this process until the descriptor is closed. If another
// process has it, waits, or is not open if it may not. Throws std::system_error.
enum class IfLocked { wait, give_up };
Descriptor lock_file(const std::string& path, IfLocked if_locked);

}  // namespace sockerless::cloud
