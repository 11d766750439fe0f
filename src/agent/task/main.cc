#include <unistd.h>

#include <cstring>
#include <string_view>
#include <vector>

#include "agent/task/agent.h"
#include "agent/task/idle.h"
#include "agent/task/install.h"
#include "agent/task/say.h"
#include "agent/task/signals.h"

namespace sockerless::agent {

namespace {

constexpr int kUsageError = 125;
constexpr std::string_view kToken = "SOCKERLESS_AGENT_TOKEN=";

// Whoever may read /proc/1/environ must not find the token there.
void wipe_token(char** environment) {
  for (; *environment != nullptr; ++environment) {
    if (std::string_view(*environment).starts_with(kToken)) {
      char* value = *environment + kToken.size();
      explicit_bzero(value, strlen(value));
    }
  }
}

void write_out(std::string_view text) {
  [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
}

int run(Options options) {
  // Without these, the first files opened would be taken for the command's output.
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO) fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (fd > STDERR_FILENO) close(fd);

  const sigset_t handled = handled_signals();
  sigset_t original;
  signal(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_BLOCK, &handled, &original);
  return Agent(std::move(options), original).run();
}

}  // namespace

int main_function(int argc, char** argv, char** environment) {
  const std::vector<std::string_view> arguments(argv + 1, argv + std::max(argc, 1));
  std::vector<std::string_view> variables;
  for (char** variable = environment; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  ParsedOptions parsed = parse_options(arguments, variables);
  wipe_token(environment);
  if (!parsed.error.empty()) {
    say(parsed.error);
    return kUsageError;
  }
  switch (parsed.options.mode) {
    case Mode::version: write_out("sockerless-agent " SOCKERLESS_VERSION "\n"); return 0;
    case Mode::help: write_out(help_text()); return 0;
    case Mode::install: {
      const std::string error = install(parsed.options.install_folder);
      if (!error.empty()) say(error);
      return error.empty() ? 0 : 1;
    }
    case Mode::forward:
    case Mode::reverse: return run(std::move(parsed.options));
  }
  return kUsageError;
}

}  // namespace sockerless::agent

int main(int argc, char** argv, char** environment) {
  // Run by itself in place of a program that the image does not have.
  if (sockerless::agent::is_idle_command({argv, argv + argc})) sockerless::agent::idle();
  return sockerless::agent::main_function(argc, argv, environment);
}
