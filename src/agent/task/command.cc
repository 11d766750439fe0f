#include "agent/task/command.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

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
  const Executable found = find_executable(settings_.arguments[0],
                                           find_variable(settings_.environment, "PATH").value_or(std::string_view()));
  if (found.error_number != 0) return failure(found.error_number, found.error);
  if (terminal_error_ != 0) return failure(terminal_error_, exec_error_text("/dev/ptmx", terminal_error_));

  if (settings_.tty) {
    StartedCommand started = fork_and_execute(
        found.path, {.standard_in = slave_.get(), .standard_out = slave_.get(), .standard_error = slave_.get()});
    started.pipes.standard_out = FileDescriptor(fcntl(master_.get(), F_DUPFD_CLOEXEC, 3));
    if (settings_.open_standard_in) {
      started.pipes.standard_in = FileDescriptor(fcntl(master_.get(), F_DUPFD_CLOEXEC, 3));
    }
    return started;
  }

  Pipe in;
  if (settings_.open_standard_in) {
    in = make_pipe();
  } else {
    in.read = FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  Pipe out = make_pipe();
  Pipe error = make_pipe();
  if (!out.read || !error.read || (settings_.open_standard_in && !in.read)) {
    return failure(errno, exec_error_text(found.path, errno));
  }
  enlarge(out.read.get());
  enlarge(error.read.get());
  StartedCommand started = fork_and_execute(
      found.path, {.standard_in = in.read.get(), .standard_out = out.write.get(), .standard_error = error.write.get()});
  started.pipes.standard_in = std::move(in.write);
  started.pipes.standard_out = std::move(out.read);
  started.pipes.standard_error = std::move(error.read);
  return started;
}

StartedCommand Command::fork_and_execute(const std::string& path, ChildFiles files) {
  Pipe report = make_pipe();
  const pid_t pid = fork();
  if (pid < 0) return failure(errno, exec_error_text(path, errno));
  if (pid == 0) run_child(path, files, report.write.get());

  report.write.reset();
  int error_number = 0;
  ssize_t got = 0;
  do {
    got = read(report.read.get(), &error_number, sizeof error_number);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof error_number) {  // closed by a successful execve
    StartedCommand started;
    started.pid = pid;
    return started;
  }
  waitpid(pid, nullptr, 0);
  return failure(error_number, exec_error_text(path, error_number));
}

void Command::run_child(const std::string& path, ChildFiles files, int report) {
  setsid();
  if (settings_.tty) ioctl(files.standard_in, TIOCSCTTY, 0);
  bool is_placed = place(files.standard_out, STDOUT_FILENO) && place(files.standard_error, STDERR_FILENO);
  // A container runtime gives every process a standard input; without /dev/null it is a closed one.
  is_placed = is_placed && (files.standard_in < 0 || place(files.standard_in, STDIN_FILENO));
  if (files.standard_in < 0) close(STDIN_FILENO);
  if (is_placed) {
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &settings_.signal_mask, nullptr);
    execve(path.c_str(), pointers_to(settings_.arguments).data(), pointers_to(settings_.environment).data());
  }
  const int error_number = errno;
  const ssize_t written = write(report, &error_number, sizeof error_number);
  _exit(written == sizeof error_number ? exit_code_of_start_error(error_number) : 126);
}

}  // namespace sockerless::agent
