#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "cloud/images/descriptor.h"

namespace sockerless::cloud {

struct Command {
  std::vector<std::string> arguments;  // the program is looked up in PATH
  int out = -1;                        // -1: nowhere
  int error = -1;
};

// Runs a program to its end, with default signals and nothing on stdin: its exit code, 128+n for
// signal n. Blocks. Throws std::system_error if there is no such program.
int run_program(const Command& command);

// What a program writes to its standard output. Blocks. Throws std::system_error.
std::string read_output(Command command);

// In which of the usual folders for programs it is; "" if in none.
std::string find_program(const std::string& name);

// Not open if there is no such process.
Descriptor open_process(pid_t pid);

// No effect on one that has ended.
void send_signal(const Descriptor& process, int signal);

// The exit code of a child that has ended, 128+n for signal n. Blocks until it has.
int reap(const Descriptor& process);

// Kills those that have the text as an argument of their command line.
void kill_by_argument(const std::string& argument);

}  // namespace sockerless::cloud
