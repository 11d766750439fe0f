#include "cloud/runner/cgroup.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

// The number behind `key` in a file of lines "key number"; 0 if it isn't there.
long read_counter(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string name;
  long count = 0;
  while (file >> name >> count) {
    if (name == key) return count;
  }
  return 0;
}

void kill_members(const fs::path& folder) {
  std::ifstream file(folder / "cgroup.procs");
  for (pid_t pid = 0; file >> pid;) {
    if (pid > 1) ::kill(pid, SIGKILL);
  }
}

// From the leaves to the root, as control groups are removed. False while something is in them.
bool remove_tree(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> below;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory(error)) below.push_back(entry.path());
  }
  for (const fs::path& each : below) remove_tree(each);
  kill_members(folder);
  return ::rmdir(folder.c_str()) == 0 || errno == ENOENT;
}

}  // namespace

Cgroups::Cgroups() {
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string device;
    std::string mount_point;
    std::string type;
    std::string options;
    fields >> device >> mount_point >> type >> options;
    if (type == "cgroup2") unified_ = mount_point;
    if (type == "cgroup") {
      hierarchies_[options] = mount_point;
      if (fs::exists(mount_point + "/memory.memsw.limit_in_bytes")) limits_swap_ = true;
    }
  }
  if (is_unified()) limits_swap_ = true;
}

bool Cgroups::had_out_of_memory(const std::string& group) const {
  if (!unified_.empty() && read_counter(unified_ + group + "/memory.events", "oom_kill") > 0) return true;
  for (const auto& [controllers, mount_point] : hierarchies_) {
    if (read_counter(mount_point + group + "/memory.oom_control", "oom_kill") > 0) return true;
  }
  return false;
}

int Cgroups::kill_program(const std::string& group, const std::string& program) const {
  const std::string& mount_point = hierarchies_.empty() ? unified_ : hierarchies_.begin()->second;
  std::error_code error;
  std::vector<fs::path> folders{mount_point + group};
  for (const auto& entry : fs::recursive_directory_iterator(folders.front(), error)) {
    if (entry.is_directory(error)) folders.push_back(entry.path());
  }
  int killed = 0;
  for (const fs::path& folder : folders) {
    std::ifstream file(folder / "cgroup.procs");
    for (pid_t pid = 0; file >> pid;) {
      const fs::path executable = fs::read_symlink(fmt::format("/proc/{}/exe", pid), error);
      if (pid > 1 && !error && executable.filename() == program && ::kill(pid, SIGKILL) == 0) ++killed;
    }
  }
  return killed;
}

void Cgroups::remove(const std::string& group) const {
  std::vector<std::string> mount_points;
  if (!unified_.empty()) mount_points.push_back(unified_);
  for (const auto& [controllers, mount_point] : hierarchies_) mount_points.push_back(mount_point);
  constexpr int kAttempts = 100;  // killed processes leave a group after a moment
  for (const std::string& mount_point : mount_points) {
    for (int attempt = 0; attempt < kAttempts && !remove_tree(mount_point + group); ++attempt) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

}  // namespace sockerless::cloud
