#include "ecs/host_config_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace sockerless::ecs {
namespace {

using core::HostConfig;
using Treatment = HostConfigField::Treatment;

struct Rule {
  const char* field;
  Treatment treatment;
  bool (*applies)(const HostConfig&);  // null for what is honoured
  const char* text;
};

constexpr std::int64_t kSharedMemory = 64 * 1024 * 1024;

Rule honour(const char* field, const char* how) { return {field, Treatment::honoured, nullptr, how}; }

Rule warn(const char* field, bool (*applies)(const HostConfig&), const char* text) {
  return {field, Treatment::warned, applies, text};
}

Rule refuse(const char* field, bool (*applies)(const HostConfig&), const char* text) {
  return {field, Treatment::refused, applies, text};
}

bool adds_more_than_tracing(const HostConfig& h) {
  return std::any_of(h.cap_add.begin(), h.cap_add.end(),
                     [](const std::string& name) { return name != "SYS_PTRACE" && name != "CAP_SYS_PTRACE"; });
}

bool has_block_limits(const HostConfig& h) {
  return !h.blkio_device_read_bps.empty() || !h.blkio_device_write_bps.empty() || !h.blkio_device_read_iops.empty() ||
         !h.blkio_device_write_iops.empty();
}

// Docker makes it twice the memory where nobody says anything.
bool has_swap_of_its_own(const HostConfig& h) {
  return h.memory_swap != 0 && h.memory_swap != -1 && h.memory_swap != 2 * h.memory && h.memory_swap != h.memory;
}

// What AWS says of Fargate: "Task definition differences for Fargate".
std::vector<Rule> namespace_rules() {
  return {
      refuse(
          "Privileged", [](const HostConfig& h) { return h.privileged; },
          "Fargate tasks cannot be privileged; for `docker build` use the classic builder (DOCKER_BUILDKIT=0)"),
      refuse(
          "NetworkMode", [](const HostConfig& h) { return h.network_mode.starts_with("container:"); },
          "every container is a task with a network of its own"),
      warn(
          "NetworkMode", [](const HostConfig& h) { return h.network_mode == "host"; },
          "Fargate has no host network; the task has an address of its own"),
      refuse(
          "Devices", [](const HostConfig& h) { return !h.devices.empty(); }, "Fargate tasks have no host devices"),
      refuse(
          "DeviceRequests", [](const HostConfig& h) { return !h.device_requests.empty(); }, "Fargate has no GPUs"),
      warn(
          "DeviceCgroupRules", [](const HostConfig& h) { return !h.device_cgroup_rules.empty(); },
          "Fargate tasks have no host devices"),
      warn(
          "PidMode", [](const HostConfig& h) { return !h.pid_mode.empty(); },
          "the task has a process namespace of its own"),
      warn(
          "IpcMode", [](const HostConfig& h) { return !h.ipc_mode.empty() && h.ipc_mode != "private"; },
          "Fargate has no IPC mode"),
      warn(
          "UTSMode", [](const HostConfig& h) { return !h.uts_mode.empty(); }, "the task has a host name of its own"),
      warn(
          "UsernsMode", [](const HostConfig& h) { return !h.userns_mode.empty(); },
          "Fargate chooses the user namespace"),
      warn(
          "CgroupnsMode", [](const HostConfig& h) { return h.cgroupns_mode == "host"; },
          "the task has control groups of its own"),
      warn(
          "CgroupParent", [](const HostConfig& h) { return !h.cgroup_parent.empty(); },
          "the task has control groups of its own"),
      warn(
          "Cgroup", [](const HostConfig& h) { return !h.cgroup.empty(); }, "the task has control groups of its own"),
      warn("CapAdd", adds_more_than_tracing, "Fargate adds no capability but SYS_PTRACE"),
      honour("CapDrop", "in the task definition"),
      warn(
          "SecurityOpt", [](const HostConfig& h) { return !h.security_opt.empty(); },
          "Fargate has no security options"),
      warn(
          "Sysctls", [](const HostConfig& h) { return !h.sysctls.empty(); }, "sysctls are not set"),
      warn(
          "GroupAdd", [](const HostConfig& h) { return !h.group_add.empty(); }, "Fargate adds no groups"),
      honour("MaskedPaths", "Fargate's runtime masks Docker's own list"),
      honour("ReadonlyPaths", "Fargate's runtime protects Docker's own list"),
      honour("ReadonlyRootfs", "in the task definition"),
      honour("Init", "in the task definition"),
  };
}

std::vector<Rule> network_rules() {
  return {
      warn(
          "Dns", [](const HostConfig& h) { return !h.dns.empty(); }, "Fargate tasks use the name servers of their VPC"),
      warn(
          "DnsOptions", [](const HostConfig& h) { return !h.dns_options.empty(); },
          "Fargate tasks use the resolver's options of their VPC"),
      warn(
          "DnsSearch", [](const HostConfig& h) { return !h.dns_search.empty(); },
          "Fargate tasks use the search domains of their VPC"),
      warn(
          "ExtraHosts",
          [](const HostConfig& h) {
            return std::any_of(h.extra_hosts.begin(), h.extra_hosts.end(),
                               [](const std::string& host) { return host.ends_with("host-gateway"); });
          },
          "a Fargate task has no host to reach; host-gateway is left out of /etc/hosts, the other hosts are there"),
      warn(
          "Links", [](const HostConfig& h) { return !h.links.empty(); }, "tasks are not linked"),
      warn(
          "PortBindings",
          [](const HostConfig& h) {
            return std::any_of(h.port_bindings.begin(), h.port_bindings.end(), [](const auto& binding) {
              return binding.first.find('/') != std::string::npos && !binding.first.ends_with("/tcp");
            });
          },
          "TCP ports are published, UDP and SCTP ports are not carried into the task"),
      honour("PublishAllPorts", "as `PortBindings`"),
  };
}

std::vector<Rule> storage_rules() {
  return {
      honour("Binds", "a volume or an empty folder of the task; `SOCKERLESS_BINDS` says what a folder of the host is"),
      honour("Mounts", "as `Binds`; tmpfs is a folder of the task"),
      honour("Tmpfs", "a folder of the task"),
      honour("VolumesFrom", "folders of the task in the same places"),
      honour("VolumeDriver", "`local`; another is refused as unknown"),
      warn(
          "StorageOpt", [](const HostConfig& h) { return !h.storage_opt.empty(); }, "storage options are not used"),
      warn(
          "ShmSize", [](const HostConfig& h) { return h.shm_size > 0 && h.shm_size != kSharedMemory; },
          "Fargate has no shared memory size; /dev/shm has 64 MiB"),
      warn(
          "BlkioWeight", [](const HostConfig& h) { return h.blkio_weight != 0; }, "Fargate has no block weights"),
      warn(
          "BlkioWeightDevice", [](const HostConfig& h) { return !h.blkio_weight_device.empty(); },
          "Fargate has no block weights"),
      warn("BlkioDeviceReadBps", has_block_limits, "Fargate has no limits of block devices"),
      warn(
          "BlkioDeviceWriteBps", [](const HostConfig&) { return false; }, "as `BlkioDeviceReadBps`"),
      warn(
          "BlkioDeviceReadIOps", [](const HostConfig&) { return false; }, "as `BlkioDeviceReadBps`"),
      warn(
          "BlkioDeviceWriteIOps", [](const HostConfig&) { return false; }, "as `BlkioDeviceReadBps`"),
  };
}

std::vector<Rule> limit_rules() {
  return {
      honour("Memory", "the next size that Fargate has"),
      honour("NanoCpus", "the next size that Fargate has"),
      honour("Ulimits", "in the task definition"),
      warn(
          "CpuShares", [](const HostConfig& h) { return h.cpu_shares != 0; }, "a task has all of its CPU; use --cpus"),
      warn(
          "CpuQuota", [](const HostConfig& h) { return h.cpu_quota != 0; },
          "use --cpus, which chooses the task's size"),
      warn(
          "CpuPeriod", [](const HostConfig& h) { return h.cpu_period != 0 && h.cpu_quota == 0; },
          "use --cpus, which chooses the task's size"),
      warn(
          "CpuRealtimePeriod", [](const HostConfig& h) { return h.cpu_realtime_period != 0; },
          "Fargate has no realtime scheduling"),
      warn(
          "CpuRealtimeRuntime", [](const HostConfig& h) { return h.cpu_realtime_runtime != 0; },
          "Fargate has no realtime scheduling"),
      warn(
          "CpusetCpus", [](const HostConfig& h) { return !h.cpuset_cpus.empty(); }, "Fargate has no CPU sets"),
      warn(
          "CpusetMems", [](const HostConfig& h) { return !h.cpuset_mems.empty(); }, "Fargate has no CPU sets"),
      warn(
          "CpuCount", [](const HostConfig& h) { return h.cpu_count != 0; }, "for Windows; use --cpus"),
      warn(
          "CpuPercent", [](const HostConfig& h) { return h.cpu_percent != 0; }, "for Windows; use --cpus"),
      warn(
          "IOMaximumIOps", [](const HostConfig& h) { return h.io_maximum_iops != 0; }, "for Windows"),
      warn(
          "IOMaximumBandwidth", [](const HostConfig& h) { return h.io_maximum_bandwidth != 0; }, "for Windows"),
      warn(
          "MemoryReservation", [](const HostConfig& h) { return h.memory_reservation != 0; },
          "a task has all of its memory; use --memory"),
      warn("MemorySwap", has_swap_of_its_own, "Fargate tasks have no swap"),
      warn(
          "MemorySwappiness", [](const HostConfig& h) { return h.memory_swappiness.value_or(-1) >= 0; },
          "Fargate tasks have no swap"),
      warn(
          "OomKillDisable", [](const HostConfig& h) { return h.oom_kill_disable.value_or(false); },
          "a task that has used up its memory is killed"),
      warn(
          "OomScoreAdj", [](const HostConfig& h) { return h.oom_score_adj != 0; }, "Fargate has no OOM score"),
      warn(
          "PidsLimit", [](const HostConfig& h) { return h.pids_limit.value_or(0) > 0; },
          "Fargate has no limit of processes"),
  };
}

std::vector<Rule> other_rules() {
  return {
      honour("AutoRemove", "the container is removed at its end"),
      honour("RestartPolicy", "by the daemon, at most `SOCKERLESS_RESTART_LIMIT` tasks an hour"),
      honour("LogConfig", "reads `json-file`; output goes to CloudWatch Logs"),
      honour("ContainerIDFile", "written by the client, shown by inspect"),
      honour("ConsoleSize", "shown by inspect; the client resizes the terminal"),
      honour("Runtime", "`runc`; another is refused as unknown"),
      honour("Isolation", "for Windows, shown by inspect"),
      warn(
          "Annotations", [](const HostConfig& h) { return !h.annotations.empty(); },
          "no runtime reads them; shown by inspect"),
  };
}

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = [] {
    std::vector<Rule> joined;
    for (auto part : {namespace_rules(), network_rules(), storage_rules(), limit_rules(), other_rules()}) {
      joined.insert(joined.end(), part.begin(), part.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace

std::vector<HostConfigField> host_config_fields() {
  std::vector<HostConfigField> fields;
  for (const Rule& rule : rules()) fields.push_back({rule.field, rule.treatment, rule.text});
  return fields;
}

std::vector<std::string> check_host_config(const HostConfig& host_config) {
  std::vector<std::string> warnings;
  for (const Rule& rule : rules()) {
    if (rule.applies == nullptr || !rule.applies(host_config)) continue;
    const std::string text = fmt::format("{}: {}", rule.field, rule.text);
    if (rule.treatment == Treatment::refused) {
      throw Error(ErrorKind::invalid_argument, "cannot be run on ECS Fargate: " + text);
    }
    warnings.push_back(text);
  }
  return warnings;
}

}  // namespace sockerless::ecs
