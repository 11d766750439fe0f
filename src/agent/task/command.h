#pragma once

#include <sys/types.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "agent/task/file_descriptor.h"
#include "agent/task/users.h"

namespace sockerless::agent {

// The agent's ends of what the command reads and writes. With a terminal, all three are one.
struct CommandPipes {
  FileDescriptor standard_in;
  FileDescriptor standard_out;
  FileDescriptor standard_error;  // none with a terminal
};

struct StartedCommand {
  pid_t pid = -1;
  CommandPipes pipes;
  int error_number = 0;  // why it did not start
  std::string error;     // in Docker's words
};

// A command before it runs: the container's own, or that of an exec. With a terminal, the terminal
// exists from the beginning, so that it can be resized before the command starts.
class Command {
 public:
  struct Settings {
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    std::string working_directory;     // empty: the agent's own
    std::optional<Identity> identity;  // none: the agent's own
    bool tty = false;
    bool open_standard_in = false;
    sigset_t signal_mask{};  // what the command begins with
  };

  explicit Command(Settings settings);

  // Returns when the command has been executed or could not be.
  StartedCommand start();

  // 0, or the error number.
  int resize(int rows, int columns);

  // The terminal's other end, held so that the terminal lives until the command has exited.
  void drop_terminal() { slave_.reset(); }

 private:
  struct ChildFiles {
    int standard_in = -1;
    int standard_out = -1;
    int standard_error = -1;
  };

  int open_terminal();
  StartedCommand start_on_terminal();
  StartedCommand fork_and_execute(ChildFiles files);
  [[noreturn]] void run_child(ChildFiles files, int report);
  bool take_files(ChildFiles files);
  void execute(StartedCommand& failed);

  Settings settings_;
  FileDescriptor master_;
  FileDescriptor slave_;
  int terminal_error_ = 0;
};

}  // namespace sockerless::agent
