#include "agent/task/say.h"

#include <unistd.h>

#include <string>

namespace sockerless::agent {

void say(std::string_view line) {
  const std::string text = "sockerless-agent: " + std::string(line) + "\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace sockerless::agent
