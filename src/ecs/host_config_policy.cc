#include "ecs/host_config_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"

namespace sockerless::ecs {
namespace {

using core::HostConfig;

enum class Verdict { refuse, warn };

struct Rule {
  const char* field;
  Verdict verdict;
  bool (*applies)(const HostConfig&);
  const char* text;
};

// One line a field that Fargate has nothing for (AWS, "Task definition differences for Fargate").
constexpr std::array kRules{
    Rule{"Privileged", Verdict::refuse, [](const HostConfig& h) { return h.privileged; },
         "Fargate tasks cannot be privileged; for `docker build` use the classic builder "
         "(DOCKER_BUILDKIT=0)"},
    Rule{"NetworkMode", Verdict::refuse, [](const HostConfig& h) { return h.network_mode.starts_with("container:"); },
         "every container is a task with a network of its own"},
    Rule{"NetworkMode", Verdict::warn, [](const HostConfig& h) { return h.network_mode == "host"; },
         "Fargate has no host network; the task has an address of its own"},
    Rule{"Devices", Verdict::refuse, [](const HostConfig& h) { return !h.devices.empty(); },
         "Fargate tasks have no host devices"},
    Rule{"DeviceRequests", Verdict::refuse, [](const HostConfig& h) { return !h.device_requests.empty(); },
         "Fargate has no GPUs"},
    Rule{"PidMode", Verdict::warn, [](const HostConfig& h) { return !h.pid_mode.empty(); },
         "the task has a process namespace of its own"},
    Rule{"IpcMode", Verdict::warn, [](const HostConfig& h) { return !h.ipc_mode.empty() && h.ipc_mode != "private"; },
         "Fargate has no IPC mode"},
    Rule{"UTSMode", Verdict::warn, [](const HostConfig& h) { return !h.uts_mode.empty(); },
         "the task has a host name of its own"},
    Rule{"CapAdd", Verdict::warn,
         [](const HostConfig& h) {
           return std::any_of(h.cap_add.begin(), h.cap_add.end(),
                              [](const std::string& name) { return name != "SYS_PTRACE" && name != "CAP_SYS_PTRACE"; });
         },
         "Fargate adds no capability but SYS_PTRACE"},
    Rule{"Dns", Verdict::warn, [](const HostConfig& h) { return !h.dns.empty(); },
         "Fargate tasks use the name servers of their VPC"},
    Rule{"ExtraHosts", Verdict::warn, [](const HostConfig& h) { return !h.extra_hosts.empty(); },
         "Fargate adds no hosts to /etc/hosts"},
    Rule{"Links", Verdict::warn, [](const HostConfig& h) { return !h.links.empty(); }, "tasks are not linked"},
    Rule{"SecurityOpt", Verdict::warn, [](const HostConfig& h) { return !h.security_opt.empty(); },
         "Fargate has no security options"},
    Rule{"Sysctls", Verdict::warn, [](const HostConfig& h) { return !h.sysctls.empty(); }, "sysctls are not set"},
    Rule{"ShmSize", Verdict::warn, [](const HostConfig& h) { return h.shm_size > 0 && h.shm_size != 64 * 1024 * 1024; },
         "Fargate has no shared memory size; /dev/shm has 64 MiB"},
    Rule{"GroupAdd", Verdict::warn, [](const HostConfig& h) { return !h.group_add.empty(); }, "Fargate adds no groups"},
    Rule{"StorageOpt", Verdict::warn, [](const HostConfig& h) { return !h.storage_opt.empty(); },
         "storage options are not used"},
    Rule{"VolumesFrom", Verdict::warn, [](const HostConfig& h) { return !h.volumes_from.empty(); },
         "containers share no volumes"},
    Rule{"CpuShares", Verdict::warn, [](const HostConfig& h) { return h.cpu_shares != 0; },
         "a task has all of its CPU; use --cpus"},
    Rule{"CpuQuota", Verdict::warn, [](const HostConfig& h) { return h.cpu_quota != 0; },
         "use --cpus, which chooses the task's size"},
    Rule{"CpusetCpus", Verdict::warn, [](const HostConfig& h) { return !h.cpuset_cpus.empty(); },
         "Fargate has no CPU sets"},
    Rule{"PidsLimit", Verdict::warn, [](const HostConfig& h) { return h.pids_limit.value_or(0) > 0; },
         "Fargate has no limit of processes"},
    Rule{"MemoryReservation", Verdict::warn, [](const HostConfig& h) { return h.memory_reservation != 0; },
         "a task has all of its memory; use --memory"},
    Rule{"OomScoreAdj", Verdict::warn, [](const HostConfig& h) { return h.oom_score_adj != 0; },
         "Fargate has no OOM score"},
    Rule{"RestartPolicy", Verdict::warn,
         [](const HostConfig& h) { return !h.restart_policy.name.empty() && h.restart_policy.name != "no"; },
         "this daemon does not restart containers"},
    Rule{"PortBindings", Verdict::warn,
         [](const HostConfig& h) { return !h.port_bindings.empty() || h.publish_all_ports; },
         "ports are mapped on the task's own address, not published on this host"},
};

}  // namespace

std::vector<std::string> check_host_config(const HostConfig& host_config) {
  std::vector<std::string> warnings;
  for (const Rule& rule : kRules) {
    if (!rule.applies(host_config)) continue;
    const std::string text = fmt::format("{}: {}", rule.field, rule.text);
    if (rule.verdict == Verdict::refuse) {
      throw Error(ErrorKind::invalid_argument, "cannot be run on ECS Fargate: " + text);
    }
    warnings.push_back(text);
  }
  return warnings;
}

}  // namespace sockerless::ecs
