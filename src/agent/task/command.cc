#include "agent/task/command.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "agent/task/idle.h"
#include "agent/task/lookup.h"
#include "agent/task/options.h"

namespace sockerless::agent {

namespace {

constexpr int kPipeSize = 256 * 1024;

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

Pipe make_pipe() {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  return {.read = FileDescriptor(ends[0]), .write = FileDescriptor(ends[1])};
}

// Best effort: an unprivileged user may be over its limit, and then has pipes of the usual size.
void enlarge(int pipe) { fcntl(pipe, F_SETPIPE_SZ, kPipeSize); }

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

StartedCommand failure(int error_number, std::string error) {
  StartedCommand failed;
  failed.error_number = error_number;
  failed.error = std::move(error);
  return failed;
}

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 512> part;
  for (;;) {
    const ssize_t count = read(fd, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
}

// The kernel takes the capabilities away when the user is no longer root.
bool take_identity(const Identity& identity) {
  return setgroups(identity.groups.size(), identity.groups.data()) == 0 &&
         setresgid(identity.group, identity.group, identity.group) == 0 &&
         setresuid(identity.user, identity.user, identity.user) == 0;
}

// Like dup2, but the copy survives exec even if it has that number already.
bool place(int from, int to) { return from == to ? fcntl(to, F_SETFD, 0) == 0 : dup2(from, to) == to; }

}  // namespace

Command::Command(Settings settings) : settings_(std::move(settings)) {
  if (settings_.tty) terminal_error_ = open_terminal();
}

int Command::open_terminal() {
  master_ = FileDescriptor(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!master_ || grantpt(master_.get()) != 0 || unlockpt(master_.get()) != 0) return errno;
  // By ioctl, because the folder /dev/pts may not be where its name says.
  slave_ = FileDescriptor(ioctl(master_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  return slave_ ? 0 : errno;
}

int Command::resize(int rows, int columns) {
  if (!master_) return ENOTTY;
  winsize size{};
  size.ws_row = static_cast<unsigned short>(rows);
  size.ws_col = static_cast<unsigned short>(columns);
  return ioctl(master_.get(), TIOCSWINSZ, &size) == 0 ? 0 : errno;
}

StartedCommand Command::start() {
  if (terminal_error_ != 0) return failure(terminal_error_, exec_error_text("/dev/ptmx", terminal_error_));
  if (settings_.tty) return start_on_terminal();

  Pipe in;
  if (settings_.open_standard_in) {
    in = make_pipe();
  } else {
    in.read = FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  Pipe out = make_pipe();
  Pipe error = make_pipe();
  if (!out.read || !error.read || (settings_.open_standard_in && !in.read)) {
    return failure(errno, exec_error_text(settings_.arguments[0], errno));
  }
  if (in.write) enlarge(in.write.get());
  enlarge(out.read.get());
  enlarge(error.read.get());
  StartedCommand started = fork_and_execute(
      {.standard_in = in.read.get(), .standard_out = out.write.get(), .standard_error = error.write.get()});
  started.pipes.standard_in = std::move(in.write);
  started.pipes.standard_out = std::move(out.read);
  started.pipes.standard_error = std::move(error.read);
  return started;
}

StartedCommand Command::start_on_terminal() {
  StartedCommand started =
      fork_and_execute({.standard_in = slave_.get(), .standard_out = slave_.get(), .standard_error = slave_.get()});
  started.pipes.standard_out = FileDescriptor(fcntl(master_.get(), F_DUPFD_CLOEXEC, 3));
  if (settings_.open_standard_in) {
    started.pipes.standard_in = FileDescriptor(fcntl(master_.get(), F_DUPFD_CLOEXEC, 3));
  }
  return started;
}

StartedCommand Command::fork_and_execute(ChildFiles files) {
  Pipe report = make_pipe();
  const pid_t pid = fork();
  if (pid < 0) return failure(errno, exec_error_text(settings_.arguments[0], errno));
  if (pid == 0) run_child(files, report.write.get());

  report.write.reset();
  const std::string failed = read_to_end(report.read.get());
  if (failed.size() < sizeof(int)) {  // closed by a successful execve
    StartedCommand started;
    started.pid = pid;
    return started;
  }
  waitpid(pid, nullptr, 0);
  int error_number = 0;
  std::memcpy(&error_number, failed.data(), sizeof error_number);
  return failure(error_number, failed.substr(sizeof error_number));
}

void Command::run_child(ChildFiles files, int report) {
  setsid();
  if (settings_.tty) ioctl(files.standard_in, TIOCSCTTY, 0);
  StartedCommand failed;
  if (take_files(files)) {
    execute(failed);
  } else {
    failed = failure(errno, exec_error_text(settings_.arguments[0], errno));
  }
  std::string bytes(sizeof failed.error_number, '\0');
  std::memcpy(bytes.data(), &failed.error_number, sizeof failed.error_number);
  bytes += failed.error;
  const ssize_t written = write(report, bytes.data(), bytes.size());
  _exit(written > 0 ? exit_code_of_start_error(failed.error_number) : 126);
}

bool Command::take_files(ChildFiles files) {
  // Whoever the command runs as may open /dev/stdout anew.
  if (settings_.identity) {
    for (const int fd : {files.standard_out, files.standard_error}) fchown(fd, settings_.identity->user, -1);
    if (settings_.open_standard_in) fchown(files.standard_in, settings_.identity->user, -1);
  }
  if (!place(files.standard_out, STDOUT_FILENO) || !place(files.standard_error, STDERR_FILENO)) return false;
  if (files.standard_in >= 0) return place(files.standard_in, STDIN_FILENO);
  // A container runtime gives every process a standard input; without /dev/null it is a closed one.
  close(STDIN_FILENO);
  return true;
}

// Returns only if the command could not be executed. Everything is looked up as the command's user
// and in its folder.
void Command::execute(StartedCommand& failed) {
  const char* folder = settings_.working_directory.c_str();
  bool is_there = *folder == '\0' || chdir(folder) == 0;
  if (settings_.identity && !take_identity(*settings_.identity)) {
    failed =
        failure(errno, "unable to change to user " + std::to_string(settings_.identity->user) + ": " + reason(errno));
    return;
  }
  if (!is_there && chdir(folder) != 0) {
    failed = failure(
        errno, "chdir to cwd (" + quote(settings_.working_directory) + ") set in config.json failed: " + reason(errno));
    return;
  }
  const Executable found = find_executable(settings_.arguments[0],
                                           find_variable(settings_.environment, "PATH").value_or(std::string_view()));
  const bool is_idle = found.error_number == ENOENT && is_idle_command(settings_.arguments);
  if (found.error_number != 0 && !is_idle) {
    failed = failure(found.error_number, found.error);
    return;
  }
  // A container begins with every signal at its default, whatever the agent ignores or was started with.
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &settings_.signal_mask, nullptr);
  const char* path = is_idle ? "/proc/self/exe" : found.path.c_str();
  execve(path, pointers_to(settings_.arguments).data(), pointers_to(settings_.environment).data());
  failed = failure(errno, exec_error_text(path, errno));
}

}  // namespace sockerless::agent
