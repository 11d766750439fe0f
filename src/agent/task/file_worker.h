#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/task/file_descriptor.h"
#include "agent/task/input_ring.h"

namespace sockerless::agent {

// What work on files says to the agent. Everything travels in one pipe, in the order in which it was
// said, as messages of a head (kind, u32 length) and a body.
enum class WorkMessage : std::uint8_t {
  opened = 1,  // parameters of the answer
  data = 2,    // output
  closed = 3,  // the end
  failed = 4,  // u32 error number, text: the end
  room = 5,    // in the ring of input, for an agent that has asked
};

inline constexpr std::size_t kWorkHead = 5;
inline constexpr std::size_t kWorkPiece = 64 * 1024;  // the longest body

// The work's side of its input and its output; every call blocks. Once the agent has lost interest,
// write() fails, the input ends, and so does the work.
class WorkPipes {
 public:
  WorkPipes(InputRing* in, int out);

  // Everything of the input that is there, once that is `least`; less only at the end.
  std::string_view input(std::size_t least) { return in_->wait(least); }
  // The first bytes of it are not needed any more.
  void take(std::size_t count);

  void opened(std::string_view parameters) { send(WorkMessage::opened, parameters); }

  // Output is saved up. False when nobody wants it any more.
  bool write(std::string_view bytes);

  // Room for output that is put there without a copy; never empty. Null when nobody wants it.
  char* room(std::size_t& size);
  void filled(std::size_t size) { used_ += size; }

  void close();
  void fail(int error_number, std::string_view text);

 private:
  bool flush();
  void send(WorkMessage kind, std::string_view body);
  bool write_all(const char* bytes, std::size_t size);

  InputRing* in_;
  int out_;
  bool is_wanted_ = true;
  std::string output_;  // a head and room for a piece
  std::size_t used_ = kWorkHead;
};

// A process that works on files for a session: it may block for as long as it likes, and what goes
// wrong in it harms nobody. It is a copy of the agent with a ring for input, a pipe for output and one
// more descriptor, and ends when the agent ends the one and closes the other.
struct FileWorker {
  using Work = std::function<void(WorkPipes& pipes, int extra)>;

  std::optional<InputRing> input;  // of work that takes any
  FileDescriptor output;           // to be read; does not block
  int error_number = 0;            // why there is none

  // `extra` is a descriptor that the work gets a copy of; -1 for none. The agent reaps it.
  static FileWorker start(const Work& work, bool takes_input, int extra = -1);
};

}  // namespace sockerless::agent
