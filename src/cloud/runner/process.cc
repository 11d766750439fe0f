#include "cloud/runner/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "base/process_end.h"
#include "base/rollback.h"

namespace sockerless::cloud {
namespace {

constexpr int kUnknownExitCode = 255;
constexpr int kUntilItHas = -1;
constexpr const char* kFolders = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string read_to_end(const Descriptor& from) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const auto size = ::read(from.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(size));
  }
}

// No stream: a process that ends meanwhile makes read() fail, which a stream's buffer throws.
std::string command_line(const std::string& process_folder) {
  return read_to_end(Descriptor(::open((process_folder + "/cmdline").c_str(), O_RDONLY | O_CLOEXEC)));
}

pid_t spawn(const Command& command) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  const Rollback destroy([&] {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  });
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  for (const auto& [from, to] : {std::pair{command.out, 1}, std::pair{command.error, 2}}) {
    if (from < 0) {
      ::posix_spawn_file_actions_addopen(&actions, to, "/dev/null", O_WRONLY, 0);
    } else {
      ::posix_spawn_file_actions_adddup2(&actions, from, to);
    }
  }
  // What this process ignores or blocks must not reach containers.
  sigset_t signals;
  ::sigfillset(&signals);
  ::posix_spawnattr_setsigdefault(&attributes, &signals);
  ::sigemptyset(&signals);
  ::posix_spawnattr_setsigmask(&attributes, &signals);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);

  std::vector<char*> arguments;
  for (const std::string& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  // runc is a Go program and ends before a garbage collection would pay: a fifth less time without.
  std::string path = std::string("PATH=") + kFolders;
  char no_collection[] = "GOGC=off";
  char* environment[] = {path.data(), no_collection, nullptr};
  const std::string& name = command.arguments.front();
  const std::string program = name.find('/') != std::string::npos ? name : find_program(name);
  pid_t pid = 0;
  const int error = program.empty()
                        ? ENOENT
                        : ::posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments.data(), environment);
  if (error != 0) throw std::system_error(error, std::generic_category(), name);
  return pid;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

int run_program(const Command& command) { return wait_for(spawn(command)); }

std::string read_output(Command command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  command.out = writer.get();
  const pid_t pid = spawn(command);
  writer.reset();
  std::string text = read_to_end(reader);
  wait_for(pid);
  return text;
}

std::string find_program(const std::string& name) {
  std::istringstream folders(kFolders);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string path = folder + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

Descriptor open_process(pid_t pid) { return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

void send_signal(const Descriptor& process, int signal) {
  // The only failure is that the process has ended, which is no failure.
  ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
}

int reap(const Descriptor& process) {
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(process.get()), &info, WEXITED) < 0) {
    // An event loop has made the descriptor non-blocking, which this call obeys.
    const int error = errno;
    if (error == EAGAIN) has_ended(process.get(), kUntilItHas);
    if (error != EINTR && error != EAGAIN) return kUnknownExitCode;
  }
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

void kill_by_argument(const std::string& argument) {
  const std::string wanted = '\0' + argument + '\0';
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, ec] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (ec != std::errc{} || end != name.data() + name.size() || pid == ::getpid()) continue;
    const Descriptor process = open_process(pid);
    if (!process.is_open() || command_line(entry.path().string()).find(wanted) == std::string::npos) continue;
    send_signal(process, SIGKILL);
  }
}

}  // namespace sockerless::cloud
