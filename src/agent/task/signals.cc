#include "agent/task/signals.h"

#include <charconv>
#include <string>

namespace sockerless::agent {

namespace {

struct NamedSignal {
  std::string_view name;
  int number;
};

constexpr NamedSignal kSignals[] = {
    {"ABRT", SIGABRT}, {"ALRM", SIGALRM},     {"BUS", SIGBUS},       {"CHLD", SIGCHLD},   {"CONT", SIGCONT},
    {"FPE", SIGFPE},   {"HUP", SIGHUP},       {"ILL", SIGILL},       {"INT", SIGINT},     {"IO", SIGIO},
    {"KILL", SIGKILL}, {"PIPE", SIGPIPE},     {"PROF", SIGPROF},     {"PWR", SIGPWR},     {"QUIT", SIGQUIT},
    {"SEGV", SIGSEGV}, {"STKFLT", SIGSTKFLT}, {"STOP", SIGSTOP},     {"SYS", SIGSYS},     {"TERM", SIGTERM},
    {"TRAP", SIGTRAP}, {"TSTP", SIGTSTP},     {"TTIN", SIGTTIN},     {"TTOU", SIGTTOU},   {"URG", SIGURG},
    {"USR1", SIGUSR1}, {"USR2", SIGUSR2},     {"VTALRM", SIGVTALRM}, {"WINCH", SIGWINCH}, {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ}, {"POLL", SIGIO},       {"IOT", SIGABRT},      {"CLD", SIGCHLD}};

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> parse_real_time(std::string_view name) {
  for (const auto& [base, sign] : {std::pair<std::string_view, int>{"RTMIN", 1}, {"RTMAX", -1}}) {
    if (!name.starts_with(base)) continue;
    const int first = sign > 0 ? SIGRTMIN : SIGRTMAX;
    std::string_view offset = name.substr(base.size());
    if (offset.empty()) return first;
    if (offset[0] != (sign > 0 ? '+' : '-')) return std::nullopt;
    const auto number = parse_number(offset.substr(1));
    if (!number || *number < 0 || *number > SIGRTMAX - SIGRTMIN) return std::nullopt;
    return first + sign * *number;
  }
  return std::nullopt;
}

}  // namespace

std::optional<int> parse_signal(std::string_view text) {
  if (const auto number = parse_number(text)) {
    if (*number < 1 || *number > SIGRTMAX) return std::nullopt;
    return number;
  }
  std::string name(text);
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (name.starts_with("SIG")) name.erase(0, 3);
  for (const NamedSignal& signal : kSignals) {
    if (signal.name == name) return signal.number;
  }
  return parse_real_time(name);
}

sigset_t handled_signals() {
  sigset_t set;
  sigfillset(&set);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) sigdelset(&set, fault);
  return set;
}

}  // namespace sockerless::agent
