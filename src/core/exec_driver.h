#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/driver.h"

namespace sockerless::core {

struct TerminalSize {
  int rows = 0;
  int columns = 0;
};

// A command to run beside the container's own: the body of ContainerExec and ExecStart.
struct ExecCommand {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // on top of the container's
  std::string working_directory;         // empty: the container's
  std::string user;                      // name|uid[:group|gid]; empty: the container's
  bool tty = false;
  bool privileged = false;
  AttachStreams streams;
  std::optional<TerminalSize> size;  // of the terminal from the beginning
};

// A running exec and its one client. The command goes on when the session is destroyed, as Docker's
// does; what it writes after that is thrown away.
class ExecSession : public AttachSession {
 public:
  virtual int pid() const = 0;  // in the task's pid namespace; 0 if there is none
  virtual Awaitable<void> resize(TerminalSize size) = 0;
  virtual Awaitable<void> signal(int signal) = 0;

  // Once read() has come to its end.
  virtual int exit_code() const = 0;
};

// Runs further commands in a container.
class ExecDriver {
 public:
  virtual ~ExecDriver() = default;

  virtual bool serves(const Container& container) const = 0;

  // Returns when the command runs. Throws Error(invalid_argument) in the words of a container runtime
  // (`exec: "x": executable file not found in $PATH`) for a command that cannot be run.
  virtual Awaitable<std::unique_ptr<ExecSession>> exec(Container container, ExecCommand command) = 0;

  // Throws Error(invalid_argument) if the container has no such user, or nobody can become that user.
  virtual Awaitable<void> check_user(Container container, std::string user) = 0;
};

}  // namespace sockerless::core
