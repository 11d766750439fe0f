#include "core/signal.h"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <map>
#include <string>

#include "base/error.h"

namespace sockerless::core {
namespace {

// The kernel's numbers on x86-64 and arm64; the first two real-time signals belong to the C
// library, so RTMIN is 34 (moby's signal package, SIGRTMIN on Linux).
constexpr int kRealTimeMinimum = 34;
constexpr int kRealTimeMaximum = 64;

const std::map<std::string_view, int>& names() {
  static const std::map<std::string_view, int> table{{"ABRT", SIGABRT},
                                                     {"ALRM", SIGALRM},
                                                     {"BUS", SIGBUS},
                                                     {"CHLD", SIGCHLD},
                                                     {"CLD", SIGCHLD},
                                                     {"CONT", SIGCONT},
                                                     {"FPE", SIGFPE},
                                                     {"HUP", SIGHUP},
                                                     {"ILL", SIGILL},
                                                     {"INT", SIGINT},
                                                     {"IO", SIGIO},
                                                     {"IOT", SIGIOT},
                                                     {"KILL", SIGKILL},
                                                     {"PIPE", SIGPIPE},
                                                     {"POLL", SIGPOLL},
                                                     {"PROF", SIGPROF},
                                                     {"PWR", SIGPWR},
                                                     {"QUIT", SIGQUIT},
                                                     {"SEGV", SIGSEGV},
                                                     {"STKFLT", SIGSTKFLT},
                                                     {"STOP", SIGSTOP},
                                                     {"SYS", SIGSYS},
                                                     {"TERM", SIGTERM},
                                                     {"TRAP", SIGTRAP},
                                                     {"TSTP", SIGTSTP},
                                                     {"TTIN", SIGTTIN},
                                                     {"TTOU", SIGTTOU},
                                                     {"URG", SIGURG},
                                                     {"USR1", SIGUSR1},
                                                     {"USR2", SIGUSR2},
                                                     {"VTALRM", SIGVTALRM},
                                                     {"WINCH", SIGWINCH},
                                                     {"XCPU", SIGXCPU},
                                                     {"XFSZ", SIGXFSZ},
                                                     {"RTMIN", kRealTimeMinimum},
                                                     {"RTMAX", kRealTimeMaximum}};
  return table;
}

int parse_number(std::string_view text) {
  int number = -1;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  return ec == std::errc{} && end == text.data() + text.size() ? number : -1;
}

}  // namespace

int parse_signal(std::string_view text) {
  if (const int number = parse_number(text); number > 0) {
    if (number <= kRealTimeMaximum) return number;
    throw Error(ErrorKind::invalid_argument, fmt::format("the linux daemon does not support signal {}", number));
  }
  std::string name(text);
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string_view bare = name;
  if (bare.starts_with("SIG")) bare.remove_prefix(3);
  if (const auto found = names().find(bare); found != names().end()) return found->second;
  if (bare.starts_with("RTMIN+") || bare.starts_with("RTMAX-")) {
    const int offset = parse_number(bare.substr(6));
    if (offset >= 0 && offset <= kRealTimeMaximum - kRealTimeMinimum) {
      return bare[3] == 'I' ? kRealTimeMinimum + offset : kRealTimeMaximum - offset;
    }
  }
  throw Error(ErrorKind::invalid_argument, fmt::format("invalid signal: {}", text));
}

}  // namespace sockerless::core
