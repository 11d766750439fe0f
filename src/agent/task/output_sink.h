#pragma once

#include <string_view>

#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

// The agent's own stdout or stderr, which leads to the container's logs. Writes never block on a
// pipe or socket, and never change the mode of a descriptor that others may share.
class OutputSink {
 public:
  explicit OutputSink(int fd);

  // How many bytes were taken: all, some, or 0 when it would block. Bytes for a sink whose reader has
  // gone count as taken, because nobody can ever read them.
  std::size_t write(std::string_view bytes);

  // For waiting until it takes bytes again.
  int fd() const { return own_ ? own_.get() : fd_; }

 private:
  enum class Kind { non_blocking, pipe, socket, other };

  ssize_t attempt(std::string_view bytes) const;

  int fd_;
  FileDescriptor own_;  // the same pipe, opened anew without blocking
  Kind kind_ = Kind::other;
};

}  // namespace sockerless::agent
