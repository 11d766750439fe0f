#include "daemon/local_cloud.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/process_end.h"
#include "base/rollback.h"

extern char** environ;

namespace sockerless::daemon {
namespace {

const Logger log("local_cloud");

constexpr int kReadyFd = 3;
constexpr auto kRestartPause = std::chrono::seconds(2);

struct Ready {
  std::string endpoint;
  std::string gateway;
  static constexpr auto fields() {
    return std::tuple{json::field("endpoint", &Ready::endpoint), json::field("gateway", &Ready::gateway)};
  }
};

// The file system that the tasks mount the agent from. A running task may hold the old file open,
// so a new one takes its place instead of being written over it.
void install_agent(const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path source = fs::path(program_folder()) / "sockerless-agent";
  for (const char* architecture : {"amd64", "arm64"}) {
    const fs::path target = fs::path(folder) / architecture / "sockerless-agent";
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    const fs::path fresh = target.string() + ".new";
    fs::copy_file(source, fresh, fs::copy_options::overwrite_existing, error);
    if (!error) fs::rename(fresh, target, error);
    if (error) {
      throw Error(ErrorKind::unavailable,
                  fmt::format("cannot install {} as {}: {}", source.string(), target.string(), error.message()));
    }
  }
}

std::string joined(const config::Pairs& pairs) { return config::to_text(pairs); }

}  // namespace

std::string program_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path().string(); }

LocalCloud::LocalCloud(const DaemonOptions& options, const std::string& folder) {
  const std::string agents = folder + "/agent-efs";
  install_agent(agents);
  arguments_ = {program_folder() + "/sockerless-cloud",
                fmt::format("--listen=127.0.0.1:{}", options.local_port()),
                fmt::format("--data-dir={}/cloud", folder),
                fmt::format("--efs={}={}", kAgentFileSystem, agents),
                fmt::format("--region={}", options.region()),
                fmt::format("--ready-fd={}", kReadyFd),
                "--exit-with-parent",
                fmt::format("--log-level={}", options.log_level()),
                fmt::format("--log-format={}", options.log_format())};
  if (!options.registry_mirror().empty()) {
    arguments_.push_back("--registry-mirror=" + joined(options.registry_mirror()));
  }
  const int ready = start();
  std::string line;
  char part[512];
  ssize_t count = 0;
  while ((count = ::read(ready, part, sizeof part)) > 0) line.append(part, static_cast<std::size_t>(count));
  ::close(ready);
  if (line.empty()) {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    throw Error(ErrorKind::unavailable, "the local cloud did not start; its own message stands above");
  }
  take_ready(line);
  // Whoever has learnt the address finds the next one there too.
  arguments_[1] = fmt::format("--listen={}", endpoint_.substr(endpoint_.rfind('/') + 1));
}

int LocalCloud::start() {
  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) {
    throw Error(ErrorKind::internal, fmt::format("no pipe: {}", std::strerror(errno)));
  }
  const int ready_fd = pipe_fds[1];
  std::vector<char*> words;
  words.reserve(arguments_.size() + 1);
  for (std::string& argument : arguments_) words.push_back(argument.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ready_fd, kReadyFd);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own: a Ctrl-C at the terminal is for the daemon, which ends the cloud in order.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const int error = posix_spawn(&pid_, words[0], &actions, &attributes, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(ready_fd);
  if (error != 0) {
    ::close(pipe_fds[0]);
    throw Error(ErrorKind::unavailable, fmt::format("cannot start {}: {}", words[0], std::strerror(error)));
  }
  return pipe_fds[0];
}

void LocalCloud::take_ready(const std::string& line) {
  const Ready ready = json::parse<Ready>(line);
  endpoint_ = ready.endpoint;
  gateway_ = ready.gateway;
  log.info("local cloud serves", {{"endpoint", endpoint_}, {"gateway", gateway_}});
}

Awaitable<void> LocalCloud::await_end() {
  const auto executor = co_await asio::this_coro::executor;
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  const Rollback close_it([&] { ::close(process); });
  co_await process_end(executor, process);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
}

// False if it has ended again before it served.
Awaitable<bool> LocalCloud::start_again() {
  const auto executor = co_await asio::this_coro::executor;
  asio::posix::stream_descriptor ready(executor, start());
  std::string line;
  boost::system::error_code end;
  co_await asio::async_read(ready, asio::dynamic_buffer(line), asio::redirect_error(asio::use_awaitable, end));
  if (line.empty()) co_return false;
  take_ready(line);
  co_return true;
}

Awaitable<void> LocalCloud::keep_running(Clock& clock, std::function<Awaitable<void>()> served) {
  for (;;) {
    co_await await_end();
    log.error("the local cloud has ended, and its tasks with it; starting it again");
    while (!co_await start_again()) {
      co_await await_end();
      log.error("the local cloud does not start, will be tried again");
      co_await clock.sleep(kRestartPause);
    }
    try {
      co_await served();
    } catch (const Error& error) {
      log.error("the local cloud is not ready for containers", {{"error", error.what()}});
    }
  }
}

LocalCloud::~LocalCloud() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

}  // namespace sockerless::daemon
