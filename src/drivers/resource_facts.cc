#include "drivers/resource_facts.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <sstream>
#include <string>

namespace sockerless::drivers {
namespace {

constexpr std::uint64_t kNanoseconds = 1'000'000'000;
constexpr std::uint64_t kPerTick = kNanoseconds / 100;  // USER_HZ is 100 wherever Linux runs
constexpr std::uint64_t kPerMicrosecond = 1000;
constexpr std::string_view kGroups = "/sys/fs/cgroup/";

std::uint64_t to_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream in(line);
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

class Files {
 public:
  explicit Files(const std::vector<agent::FileText>& files) {
    for (const agent::FileText& file : files) texts_[file.path] = file.text;
  }

  bool has(const std::string& path) const { return texts_.contains(path); }
  const std::string& text(const std::string& path) const {
    static const std::string none;
    const auto found = texts_.find(path);
    return found == texts_.end() ? none : found->second;
  }

  // Of a control group.
  const std::string& group_text(const std::string& name) const { return text(std::string(kGroups) + name); }
  std::uint64_t number(const std::string& name) const { return to_number(group_text(name)); }
  // "max" stands for no limit.
  std::uint64_t limit(const std::string& name, std::uint64_t unlimited) const {
    return group_text(name).starts_with("max") ? unlimited : number(name);
  }

  // Lines "key number".
  std::map<std::string, std::uint64_t> table(const std::string& name) const {
    std::map<std::string, std::uint64_t> table;
    for (const std::string& line : lines_of(group_text(name))) {
      const auto words = words_of(line);
      if (words.size() == 2) table[words[0]] = to_number(words[1]);
    }
    return table;
  }

 private:
  std::map<std::string, std::string> texts_;
};

// Of all processors: what Docker adds up is user to softirq.
void read_machine(const Files& files, core::ResourceSample& sample) {
  constexpr std::size_t kSummed = 7;
  for (const std::string& line : lines_of(files.text("/proc/stat"))) {
    if (!line.starts_with("cpu")) continue;
    const auto words = words_of(line);
    if (words[0] != "cpu") {
      ++sample.online_cpus;
      continue;
    }
    for (std::size_t i = 1; i <= kSummed && i < words.size(); ++i) sample.system_cpu += to_number(words[i]) * kPerTick;
  }
  for (const std::string& line : lines_of(files.text("/proc/meminfo"))) {
    const auto words = words_of(line);
    if (words.size() >= 2 && words[0] == "MemTotal:") sample.memory_limit = to_number(words[1]) * 1024;
  }
}

void read_networks(const Files& files, core::ResourceSample& sample) {
  constexpr std::size_t kColumns = 16;
  for (const std::string& line : lines_of(files.text("/proc/net/dev"))) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto names = words_of(line.substr(0, colon));
    const auto words = words_of(line.substr(colon + 1));
    if (names.size() != 1 || names[0] == "lo" || words.size() < kColumns) continue;
    const auto at = [&words](std::size_t index) { return to_number(words[index]); };
    sample.networks[names[0]] = {.rx_bytes = at(0),
                                 .rx_packets = at(1),
                                 .rx_errors = at(2),
                                 .rx_dropped = at(3),
                                 .tx_bytes = at(8),
                                 .tx_packets = at(9),
                                 .tx_errors = at(10),
                                 .tx_dropped = at(11)};
  }
}

// "8:0" at the beginning of a line.
bool read_device(const std::string& word, core::BlockCounter& counter) {
  const auto colon = word.find(':');
  if (colon == std::string::npos) return false;
  counter.major = to_number(std::string_view(word).substr(0, colon));
  counter.minor = to_number(std::string_view(word).substr(colon + 1));
  return true;
}

void read_blocks_v1(const std::string& text, std::vector<core::BlockCounter>& counters) {
  for (const std::string& line : lines_of(text)) {
    const auto words = words_of(line);
    core::BlockCounter counter;
    if (words.size() != 3 || !read_device(words[0], counter)) continue;
    counter.operation = words[1];
    counter.value = to_number(words[2]);
    counters.push_back(std::move(counter));
  }
}

void read_blocks_v2(const std::string& text, std::vector<core::BlockCounter>& counters) {
  for (const std::string& line : lines_of(text)) {
    const auto words = words_of(line);
    core::BlockCounter counter;
    if (words.empty() || !read_device(words[0], counter)) continue;
    for (const std::string& word : words) {
      if (!word.starts_with("rbytes=") && !word.starts_with("wbytes=")) continue;
      counter.operation = word[0] == 'r' ? "read" : "write";
      counter.value = to_number(std::string_view(word).substr(7));
      counters.push_back(counter);
    }
  }
}

// No container has more than the machine.
void limit_memory(core::ResourceSample& sample, std::uint64_t limit) {
  if (limit > 0 && (sample.memory_limit == 0 || limit < sample.memory_limit)) sample.memory_limit = limit;
}

void read_groups_v2(const Files& files, core::ResourceSample& sample) {
  constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
  auto cpu = files.table("cpu.stat");
  sample.cpu_total = cpu["usage_usec"] * kPerMicrosecond;
  sample.cpu_user = cpu["user_usec"] * kPerMicrosecond;
  sample.cpu_kernel = cpu["system_usec"] * kPerMicrosecond;
  sample.periods = cpu["nr_periods"];
  sample.throttled_periods = cpu["nr_throttled"];
  sample.throttled_time = cpu["throttled_usec"] * kPerMicrosecond;
  sample.memory_usage = files.number("memory.current");
  limit_memory(sample, files.limit("memory.max", 0));
  sample.memory_details = files.table("memory.stat");
  sample.processes = files.number("pids.current");
  sample.process_limit = files.limit("pids.max", kUnlimited);
  read_blocks_v2(files.group_text("io.stat"), sample.block_bytes);
}

void read_groups_v1(const Files& files, core::ResourceSample& sample) {
  sample.cpu_total = files.number("cpuacct/cpuacct.usage");
  for (const std::string& word : words_of(files.group_text("cpuacct/cpuacct.usage_percpu"))) {
    sample.cpu_each.push_back(to_number(word));
  }
  auto split = files.table("cpuacct/cpuacct.stat");
  sample.cpu_user = split["user"] * kPerTick;
  sample.cpu_kernel = split["system"] * kPerTick;
  auto cpu = files.table("cpu/cpu.stat");
  sample.periods = cpu["nr_periods"];
  sample.throttled_periods = cpu["nr_throttled"];
  sample.throttled_time = cpu["throttled_time"];
  sample.memory_usage = files.number("memory/memory.usage_in_bytes");
  sample.memory_peak = files.number("memory/memory.max_usage_in_bytes");
  sample.memory_failures = files.number("memory/memory.failcnt");
  limit_memory(sample, files.number("memory/memory.limit_in_bytes"));
  sample.memory_details = files.table("memory/memory.stat");
  sample.processes = files.number("pids/pids.current");
  sample.process_limit = files.limit("pids/pids.max", 0);
  read_blocks_v1(files.group_text("blkio/blkio.throttle.io_service_bytes_recursive"), sample.block_bytes);
  read_blocks_v1(files.group_text("blkio/blkio.throttle.io_serviced_recursive"), sample.block_operations);
}

}  // namespace

core::ResourceSample sample_of(const std::vector<agent::FileText>& texts, Time at) {
  const Files files(texts);
  core::ResourceSample sample;
  sample.at = at;
  read_machine(files, sample);
  read_networks(files, sample);
  sample.cgroup_v2 = files.has("/sys/fs/cgroup/cpu.stat");
  if (sample.cgroup_v2) {
    read_groups_v2(files, sample);
  } else {
    read_groups_v1(files, sample);
  }
  return sample;
}

bool has_usage(const core::ResourceSample& sample) { return sample.cpu_total > 0 || sample.memory_usage > 0; }

void add_usage(core::ResourceSample& sample, const std::vector<ProcessRecord>& processes,
               const agent::MachineFacts& machine) {
  for (const ProcessRecord& process : processes) {
    sample.cpu_total += process.cpu_ticks * (kNanoseconds / machine.ticks_per_second);
    sample.memory_usage += process.resident_pages * machine.page_size;
  }
  sample.cpu_user = sample.cpu_total;
  sample.processes = processes.size();
}

}  // namespace sockerless::drivers
