#include "cloud/runner/cgroup.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "base/log.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

const Logger log("runner");

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

std::vector<fs::path> groups_in(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> groups;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory(error)) groups.push_back(entry.path());
  }
  return groups;
}

enum class Members { kill, spare };

// From the leaves to the root, as control groups are removed. False while something is in them.
bool remove_tree(const fs::path& folder, Members members) {
  for (const fs::path& each : groups_in(folder)) remove_tree(each, members);
  if (members == Members::kill) kill_members(folder);
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

std::string Cgroups::folder_of(const std::string& controller, const std::string& group) const {
  for (const auto& [options, mount_point] : hierarchies_) {
    if (fmt::format(",{},", options).find(fmt::format(",{},", controller)) != std::string::npos) {
      return mount_point + group;
    }
  }
  return unified_ + group;
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

void Cgroups::make(const std::string& group) const {
  for (const std::string& mount_point : mount_points()) {
    std::error_code error;
    fs::create_directories(mount_point + group, error);
    // The runtime makes what is missing, or says what is wrong.
    if (error) log.warn("no control group", {{"folder", mount_point + group}, {"error", error.message()}});
  }
}

void Cgroups::remove(const std::string& group) const {
  constexpr int kAttempts = 100;  // killed processes leave a group after a moment
  for (const std::string& mount_point : mount_points()) {
    for (int attempt = 0; attempt < kAttempts && !remove_tree(mount_point + group, Members::kill); ++attempt) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

void Cgroups::remove_empty(const std::string& group) const {
  for (const std::string& mount_point : mount_points()) remove_tree(mount_point + group, Members::spare);
}

std::vector<std::string> Cgroups::below(const std::string& group) const {
  std::set<std::string> names;
  for (const std::string& mount_point : mount_points()) {
    for (const fs::path& each : groups_in(mount_point + group)) names.insert(each.filename().string());
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> Cgroups::mount_points() const {
  std::vector<std::string> found;
  if (!unified_.empty()) found.push_back(unified_);
  for (const auto& [controllers, mount_point] : hierarchies_) found.push_back(mount_point);
  return found;
}

}  // namespace sockerless::cloud
