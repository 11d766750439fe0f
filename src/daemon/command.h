#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/option.h"

namespace sockerless::daemon {

using Arguments = std::vector<std::string>;

// `sockerlessd NAME [OPTION]...`: something that is done without serving.
struct Command {
  std::string_view name;
  std::string_view summary;  // for --help

  // Returns the exit status. Throws Error.
  int (*run)(const Arguments& arguments, const config::Options::Environment& environment);
};

// nullptr if there is none of that name.
const Command* find_command(std::string_view name);

// What --help says of them, one a line.
std::string command_help();

}  // namespace sockerless::daemon
