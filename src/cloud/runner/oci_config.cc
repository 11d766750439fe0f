#include "cloud/runner/oci_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <string_view>

#include "base/json.h"

namespace sockerless::cloud {
namespace {

constexpr std::int64_t kUnitsPerProcessor = 1024;
constexpr std::int64_t kCpuPeriod = 100'000;  // microseconds
constexpr std::int64_t kLeastQuota = 1'000;   // the kernel's
constexpr std::int64_t kMostProcesses = 32'768;

constexpr std::array kDefaultCapabilities{"CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
                                          "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
                                          "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
                                          "CAP_KILL",    "CAP_AUDIT_WRITE"};
constexpr std::array kOtherCapabilities{
    "CAP_AUDIT_CONTROL",   "CAP_AUDIT_READ",   "CAP_BLOCK_SUSPEND", "CAP_BPF",           "CAP_CHECKPOINT_RESTORE",
    "CAP_DAC_READ_SEARCH", "CAP_IPC_LOCK",     "CAP_IPC_OWNER",     "CAP_LEASE",         "CAP_LINUX_IMMUTABLE",
    "CAP_MAC_ADMIN",       "CAP_MAC_OVERRIDE", "CAP_NET_ADMIN",     "CAP_NET_BROADCAST", "CAP_PERFMON",
    "CAP_SYS_ADMIN",       "CAP_SYS_BOOT",     "CAP_SYS_MODULE",    "CAP_SYS_NICE",      "CAP_SYS_PACCT",
    "CAP_SYS_PTRACE",      "CAP_SYS_RAWIO",    "CAP_SYS_RESOURCE",  "CAP_SYS_TIME",      "CAP_SYS_TTY_CONFIG",
    "CAP_SYSLOG",          "CAP_WAKE_ALARM"};

constexpr std::array kMaskedPaths{"/proc/asound",
                                  "/proc/acpi",
                                  "/proc/kcore",
                                  "/proc/keys",
                                  "/proc/latency_stats",
                                  "/proc/timer_list",
                                  "/proc/timer_stats",
                                  "/proc/sched_debug",
                                  "/proc/scsi",
                                  "/sys/firmware",
                                  "/sys/devices/virtual/powercap"};
constexpr std::array kReadOnlyPaths{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

struct SystemMount {
  const char* destination;
  const char* type;
  std::initializer_list<const char*> options;
};

void write_mount(json::Writer& out, std::string_view destination, std::string_view type, std::string_view source,
                 const std::vector<std::string>& options) {
  out.begin_object();
  out.member("destination", destination);
  out.member("type", type);
  out.member("source", source);
  out.member("options", options);
  out.end_object();
}

void write_mounts(json::Writer& out, const OciContainer& container) {
  const SystemMount system[] = {
      {"/proc", "proc", {"nosuid", "noexec", "nodev"}},
      {"/dev", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
      {"/dev/pts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
      {"/sys", "sysfs", {"nosuid", "noexec", "nodev", "ro"}},
      {"/sys/fs/cgroup", "cgroup", {"ro", "nosuid", "noexec", "nodev"}},
      {"/dev/mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
      {"/dev/shm", "tmpfs", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
  };
  out.key("mounts");
  out.begin_array();
  for (const SystemMount& mount : system) {
    const auto replaces = [&](const Mount& other) { return other.destination == mount.destination; };
    if (std::any_of(container.mounts.begin(), container.mounts.end(), replaces)) continue;
    write_mount(out, mount.destination, mount.type, mount.type, {mount.options.begin(), mount.options.end()});
  }
  for (const Mount& mount : container.mounts) {
    write_mount(out, mount.destination, "bind", mount.source, {"rbind", "rprivate", mount.read_only ? "ro" : "rw"});
  }
  out.end_array();
}

void write_process(json::Writer& out, const OciContainer& container) {
  out.key("process");
  out.begin_object();
  out.member("terminal", false);
  out.key("user");
  out.begin_object();
  out.member("uid", container.user.uid);
  out.member("gid", container.user.gid);
  if (!container.user.additional_gids.empty()) out.member("additionalGids", container.user.additional_gids);
  out.end_object();
  out.member("args", container.arguments);
  out.member("env", container.environment);
  out.member("cwd", container.working_directory);
  out.key("capabilities");
  out.begin_object();
  for (const char* set : {"bounding", "effective", "permitted"}) out.member(set, container.capabilities);
  out.end_object();
  out.key("rlimits");
  out.begin_array();
  for (const Ulimit& limit : container.limits) {
    std::string type = "RLIMIT_" + limit.name;
    for (char& c : type) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    out.begin_object();
    out.member("type", type);
    out.member("hard", static_cast<std::uint64_t>(limit.hard));
    out.member("soft", static_cast<std::uint64_t>(limit.soft));
    out.end_object();
  }
  out.end_array();
  out.end_object();
}

void write_device_rule(json::Writer& out, char type, std::int64_t major, std::int64_t minor) {
  out.begin_object();
  out.member("allow", true);
  out.member("type", std::string(1, type));
  out.member("major", major);
  if (minor >= 0) out.member("minor", minor);
  out.member("access", "rwm");
  out.end_object();
}

void write_resources(json::Writer& out, const OciContainer& container) {
  out.key("resources");
  out.begin_object();
  out.key("devices");
  out.begin_array();
  out.begin_object();
  out.member("allow", false);
  out.member("access", "rwm");
  out.end_object();
  // null, zero, full, random, urandom, tty, console, ptmx and the pseudo-terminals
  for (const int minor : {3, 5, 7, 8, 9}) write_device_rule(out, 'c', 1, minor);
  for (const int minor : {0, 1, 2}) write_device_rule(out, 'c', 5, minor);
  write_device_rule(out, 'c', 136, -1);
  out.end_array();
  if (container.cpu_units > 0) {
    out.key("cpu");
    out.begin_object();
    out.member("shares", std::max<std::int64_t>(container.cpu_units, 2));
    out.member("period", kCpuPeriod);
    out.member("quota", std::max(container.cpu_units * kCpuPeriod / kUnitsPerProcessor, kLeastQuota));
    out.end_object();
  }
  if (container.memory_bytes > 0) {
    out.key("memory");
    out.begin_object();
    out.member("limit", container.memory_bytes);
    if (container.limits_swap) out.member("swap", container.memory_bytes);  // both together: no swap
    out.end_object();
  }
  out.key("pids");
  out.begin_object();
  out.member("limit", kMostProcesses);
  out.end_object();
  out.end_object();
}

void write_linux(json::Writer& out, const OciContainer& container) {
  out.key("linux");
  out.begin_object();
  out.member("cgroupsPath", container.cgroup);
  out.key("namespaces");
  out.begin_array();
  std::vector<std::string> namespaces{"pid", "ipc", "uts", "mount", "network"};
  // As Docker: with version 1 the container sees its own groups by mounts.
  if (container.unified_cgroups) namespaces.emplace_back("cgroup");
  for (const std::string& type : namespaces) {
    out.begin_object();
    out.member("type", type);
    if (type == "network" && !container.namespace_path.empty()) out.member("path", container.namespace_path);
    out.end_object();
  }
  out.end_array();
  out.key("sysctl");
  out.begin_object();
  // As Docker: any user may use low ports and ping.
  out.member("net.ipv4.ip_unprivileged_port_start", "0");
  out.member("net.ipv4.ping_group_range", "0 2147483647");
  out.end_object();
  write_resources(out, container);
  out.member("maskedPaths", std::vector<std::string>(kMaskedPaths.begin(), kMaskedPaths.end()));
  out.member("readonlyPaths", std::vector<std::string>(kReadOnlyPaths.begin(), kReadOnlyPaths.end()));
  out.end_object();
}

std::string full_name(std::string name) {
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (!name.starts_with("CAP_")) name.insert(0, "CAP_");
  const auto is_it = [&](const char* other) { return name == other; };
  if (name != "CAP_ALL" && std::none_of(kDefaultCapabilities.begin(), kDefaultCapabilities.end(), is_it) &&
      std::none_of(kOtherCapabilities.begin(), kOtherCapabilities.end(), is_it)) {
    throw Error(ErrorKind::invalid_argument, fmt::format("invalid capability: {}", name));
  }
  return name;
}

}  // namespace

std::string oci_config(const OciContainer& container) {
  json::Writer out;
  out.begin_object();
  out.member("ociVersion", "1.0.2");
  write_process(out, container);
  out.key("root");
  out.begin_object();
  out.member("path", "rootfs");
  out.member("readonly", container.read_only_root);
  out.end_object();
  out.member("hostname", container.hostname);
  write_mounts(out, container);
  write_linux(out, container);
  out.end_object();
  return out.take();
}

std::vector<std::string> effective_capabilities(const std::vector<std::string>& dropped,
                                                const std::vector<std::string>& added) {
  std::vector<std::string> result(kDefaultCapabilities.begin(), kDefaultCapabilities.end());
  for (const std::string& each : dropped) {
    const std::string name = full_name(each);
    if (name == "CAP_ALL") result.clear();
    std::erase(result, name);
  }
  for (const std::string& each : added) {
    const std::string name = full_name(each);
    if (name == "CAP_ALL") {
      result.assign(kDefaultCapabilities.begin(), kDefaultCapabilities.end());
      result.insert(result.end(), kOtherCapabilities.begin(), kOtherCapabilities.end());
    } else if (std::find(result.begin(), result.end(), name) == result.end()) {
      result.push_back(name);
    }
  }
  return result;
}

}  // namespace sockerless::cloud
