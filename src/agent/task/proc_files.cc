#include "agent/task/proc_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

namespace {

constexpr std::size_t kLongestArguments = 128 * 1024;
constexpr std::size_t kLongestUserFile = 1024 * 1024;

// What of a process id's folder in /proc is a number; 0 if it is none.
int process_id(const char* name) {
  char* end = nullptr;
  const long number = strtol(name, &end, 10);
  return *end == '\0' && number > 0 ? static_cast<int>(number) : 0;
}

// The words behind "Uid:" or "Gid:" in /proc/PID/status: real and effective come first.
std::vector<std::string> ids(const std::string& status, std::string_view key) {
  std::vector<std::string> found;
  const std::size_t line = status.find("\n" + std::string(key));
  if (line == std::string::npos) return found;
  std::size_t at = line + 1 + key.size();
  while (at < status.size() && status[at] != '\n') {
    const std::size_t end = std::min(status.find_first_of("\t\n", at + 1), status.size());
    found.push_back(status.substr(at + 1, end - at - 1));
    at = end;
  }
  return found;
}

// Names of users or groups by number, from a file of lines "name:x:number:…".
class Names {
 public:
  explicit Names(const char* path) : text_(read_kernel_file(path, kLongestUserFile)) {}

  std::string of(const std::vector<std::string>& numbers, std::size_t index) {
    if (index >= numbers.size()) return "?";
    const std::string& number = numbers[index];
    const auto known = known_.find(number);
    if (known != known_.end()) return known->second;
    return known_[number] = look_up(number);
  }

 private:
  std::string look_up(const std::string& number) const {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      const std::string_view line = std::string_view(text_).substr(at, end - at);
      const std::size_t name_end = line.find(':');
      const std::size_t number_at = line.find(':', name_end + 1);
      if (name_end != 0 && name_end != std::string_view::npos && number_at != std::string_view::npos) {
        const std::string_view rest = line.substr(number_at + 1);
        if (rest.substr(0, rest.find(':')) == number) return std::string(line.substr(0, name_end));
      }
      at = end + 1;
    }
    return number;
  }

  std::string text_;
  std::map<std::string, std::string> known_;
};

int parent_of(const std::string& stat) {
  const std::size_t name_end = stat.rfind(')');  // a name may hold anything
  if (name_end == std::string::npos || stat.size() < name_end + 4) return 0;
  return atoi(stat.c_str() + name_end + 4);
}

// The agent forks for its own work too; such a process still has its name.
bool is_own(int pid, const ProcessFacts& process, const std::string& own_arguments) {
  const int self = getpid();
  return pid == self || (parent_of(process.stat) == self && process.arguments == own_arguments);
}

}  // namespace

std::string read_kernel_file(const std::string& path, std::size_t limit) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!file) return text;
  char part[4096];
  while (text.size() < limit) {
    const ssize_t count = read(file.get(), part, std::min(sizeof part, limit - text.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(part, static_cast<std::size_t>(count));
  }
  return text;
}

MachineFacts machine_facts() {
  MachineFacts facts;
  facts.ticks_per_second = static_cast<std::uint32_t>(sysconf(_SC_CLK_TCK));
  facts.page_size = static_cast<std::uint32_t>(sysconf(_SC_PAGESIZE));
  facts.uptime = static_cast<std::uint64_t>(strtod(read_kernel_file("/proc/uptime").c_str(), nullptr) *
                                            static_cast<double>(facts.ticks_per_second));
  struct sysinfo info = {};
  if (sysinfo(&info) == 0) facts.memory = static_cast<std::uint64_t>(info.totalram) * info.mem_unit;
  return facts;
}

std::vector<ProcessFacts> list_processes() {
  std::vector<int> pids;
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return {};
  while (const dirent* entry = readdir(folder)) {
    if (const int pid = process_id(entry->d_name)) pids.push_back(pid);
  }
  closedir(folder);
  std::sort(pids.begin(), pids.end());

  const std::string own_arguments = read_kernel_file("/proc/self/cmdline", kLongestArguments);
  Names users("/etc/passwd");
  Names groups("/etc/group");
  std::vector<ProcessFacts> processes;
  for (const int pid : pids) {
    const std::string base = "/proc/" + std::to_string(pid);
    ProcessFacts process;
    process.stat = read_kernel_file(base + "/stat");
    process.status = read_kernel_file(base + "/status");
    process.arguments = read_kernel_file(base + "/cmdline", kLongestArguments);
    if (process.stat.empty() || is_own(pid, process, own_arguments)) continue;  // it may have ended meanwhile
    const auto user_ids = ids(process.status, "Uid:");
    const auto group_ids = ids(process.status, "Gid:");
    process.real_user = users.of(user_ids, 0);
    process.user = users.of(user_ids, 1);
    process.real_group = groups.of(group_ids, 0);
    process.group = groups.of(group_ids, 1);
    processes.push_back(std::move(process));
  }
  return processes;
}

std::vector<FileText> usage_files() {
  static constexpr const char* kPaths[] = {
      "/proc/stat", "/proc/meminfo", "/proc/net/dev",
      // version 2
      "/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.max",
      "/sys/fs/cgroup/memory.stat", "/sys/fs/cgroup/pids.current", "/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/io.stat",
      // version 1
      "/sys/fs/cgroup/cpuacct/cpuacct.usage", "/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu",
      "/sys/fs/cgroup/cpuacct/cpuacct.stat", "/sys/fs/cgroup/cpu/cpu.stat",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.failcnt",
      "/sys/fs/cgroup/memory/memory.stat", "/sys/fs/cgroup/pids/pids.current", "/sys/fs/cgroup/pids/pids.max",
      "/sys/fs/cgroup/blkio/blkio.throttle.io_service_bytes_recursive",
      "/sys/fs/cgroup/blkio/blkio.throttle.io_serviced_recursive"};
  std::vector<FileText> files;
  for (const char* path : kPaths) {
    std::string text = read_kernel_file(path);
    if (!text.empty()) files.push_back({path, std::move(text)});
  }
  return files;
}

}  // namespace sockerless::agent
