#pragma once

#include <string>
#include <string_view>

namespace sockerless::agent {

// Where the command is, or why it cannot be run, in the words that Docker uses.
struct Executable {
  std::string path;
  int error_number = 0;
  std::string error;  // begins with: exec: "
};

// Finds a command as the container runtime does: a name with a slash is a path, any other is looked
// for in the folders of path_variable; what is not an executable file is passed over there.
Executable find_executable(std::string_view name, std::string_view path_variable);

// As Go prints them: an error number in lower case, a text in quotes with what must be escaped.
std::string reason(int error_number);
std::string quote(std::string_view text);

// The text of an execve that failed after the command was found.
std::string exec_error_text(std::string_view path, int error_number);

// The exit code that a shell and Docker give: 127 for not found, 126 for anything else.
int exit_code_of_start_error(int error_number);

}  // namespace sockerless::agent
