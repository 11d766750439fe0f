#include "daemon/command.h"

#include <fmt/format.h>

#include <array>

#include "daemon/doctor.h"
#include "daemon/explain.h"
#include "daemon/gc.h"

namespace sockerless::daemon {
namespace {

constexpr std::array kCommands{
    Command{"doctor", "look at everything that a container's start on AWS needs", examine},
    Command{"explain", "what AWS has answered about a container and says of its tasks, from RunTask to now", explain},
    Command{"gc", "stop tasks and deregister definitions of this instance that nobody remembers", collect_garbage},
};

}  // namespace

const Command* find_command(std::string_view name) {
  for (const Command& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

std::string command_help() {
  std::string text;
  for (const Command& command : kCommands) text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  return text;
}

}  // namespace sockerless::daemon
