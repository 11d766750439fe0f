#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "agent/task/file_descriptor.h"
#include "agent/task/loop.h"

namespace sockerless::agent {

// Writes what clients send to the command's standard input, in the order of arrival. How much waits
// here is bounded by the credit of the sessions: `consumed` says what may be granted anew.
class StandardIn {
 public:
  using Consumed = std::function<void(std::uint32_t session, std::uint32_t bytes)>;

  StandardIn(Loop& loop, Consumed consumed) : loop_(loop), consumed_(std::move(consumed)) {}
  ~StandardIn();
  StandardIn(const StandardIn&) = delete;
  StandardIn& operator=(const StandardIn&) = delete;

  // The command has started. Without a descriptor nothing reads and everything is thrown away.
  void open(FileDescriptor pipe);

  void write(std::uint32_t session, std::string_view bytes);

  // Closes it once everything that was written before has been taken.
  void close_after_writes();

 private:
  struct Piece {
    std::uint32_t session = 0;
    std::string bytes;
  };

  void flush();
  void discard();

  Loop& loop_;
  Consumed consumed_;
  FileDescriptor pipe_;
  bool is_open_ = false;  // open() has been called
  bool is_watched_ = false;
  bool is_closing_ = false;
  std::deque<Piece> pieces_;
  std::size_t written_ = 0;  // of the first piece
};

}  // namespace sockerless::agent
