#include "daemon/local_cloud.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"

extern char** environ;

namespace sockerless::daemon {
namespace {

const Logger log("local_cloud");

constexpr int kReadyFd = 3;

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
  std::vector<std::string> arguments{program_folder() + "/sockerless-cloud",
                                     fmt::format("--listen=127.0.0.1:{}", options.local_port()),
                                     fmt::format("--data-dir={}/cloud", folder),
                                     fmt::format("--efs={}={}", kAgentFileSystem, agents),
                                     fmt::format("--region={}", options.region()),
                                     fmt::format("--ready-fd={}", kReadyFd),
                                     "--exit-with-parent",
                                     fmt::format("--log-level={}", options.log_level()),
                                     fmt::format("--log-format={}", options.log_format())};
  if (!options.registry_mirror().empty()) {
    arguments.push_back("--registry-mirror=" + joined(options.registry_mirror()));
  }
  int pipe_fds[2];
  if (::pipe2(pipe_fds, O_CLOEXEC) != 0) {
    throw Error(ErrorKind::internal, fmt::format("no pipe: {}", std::strerror(errno)));
  }
  start(std::move(arguments), pipe_fds[1]);
  ::close(pipe_fds[1]);
  await_ready(pipe_fds[0]);
  log.info("local cloud serves", {{"endpoint", endpoint_}, {"gateway", gateway_}});
}

void LocalCloud::start(std::vector<std::string> arguments, int ready_fd) {
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) words.push_back(argument.data());
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
  if (error != 0) {
    throw Error(ErrorKind::unavailable, fmt::format("cannot start {}: {}", words[0], std::strerror(error)));
  }
}

void LocalCloud::await_ready(int fd) {
  std::string line;
  char part[512];
  ssize_t count = 0;
  while ((count = ::read(fd, part, sizeof part)) > 0) {
    line.append(part, static_cast<std::size_t>(count));
  }
  ::close(fd);
  if (line.empty()) {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    throw Error(ErrorKind::unavailable, "the local cloud did not start; its own message stands above");
  }
  const Ready ready = json::parse<Ready>(line);
  endpoint_ = ready.endpoint;
  gateway_ = ready.gateway;
}

LocalCloud::~LocalCloud() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

}  // namespace sockerless::daemon
