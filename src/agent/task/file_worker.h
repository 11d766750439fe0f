#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

// What work on files says to the agent. Everything travels in one pipe, in the order in which it was
// said, as messages of a head (kind, u32 length) and a body.
enum class WorkMessage : std::uint8_t {
  opened = 1,  // parameters of the answer
  data = 2,    // output
  closed = 3,  // the end
  failed = 4,  // u32 error number, text: the end
};

inline constexpr std::size_t kWorkHead = 5;
inline constexpr std::size_t kWorkPiece = 64 * 1024;  // the longest body

// The work's side of the two pipes; every call blocks. Once the agent has lost interest, write()
// and read() fail and the work ends.
class WorkPipes {
 public:
  WorkPipes(int in, int out);

  // The next input, as much as is there; 0 at its end.
  std::size_t read(char* into, std::size_t size);

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

  int in_;
  int out_;
  bool is_wanted_ = true;
  std::string output_;  // a head and room for a piece
  std::size_t used_ = kWorkHead;
};

// A process that works on files for a session: it may block for as long as it likes, and what goes
// wrong in it harms nobody. It is a copy of the agent with two pipes and one more descriptor, and
// ends when the agent closes the pipes.
struct FileWorker {
  using Work = std::function<void(WorkPipes& pipes, int extra)>;

  FileDescriptor input;   // to be written; does not block
  FileDescriptor output;  // to be read; does not block
  int error_number = 0;   // why there is none

  // `extra` is a descriptor that the work gets a copy of; -1 for none. The agent reaps it.
  static FileWorker start(const Work& work, bool takes_input, int extra = -1);
};

}  // namespace sockerless::agent
