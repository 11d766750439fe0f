#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/container_config.h"

// "HostConfig" of the Engine API: how a container is run, in Docker's names and order.
namespace sockerless::core {

struct LogConfig {
  std::string type;
  std::map<std::string, std::string> config;
  static constexpr auto fields() {
    return std::tuple{json::field("Type", &LogConfig::type), json::field("Config", &LogConfig::config)};
  }
};

struct PortBinding {
  std::string host_ip;
  std::string host_port;
  static constexpr auto fields() {
    return std::tuple{json::field("HostIp", &PortBinding::host_ip), json::field("HostPort", &PortBinding::host_port)};
  }
};

struct RestartPolicy {
  std::string name;
  std::int64_t maximum_retry_count = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("Name", &RestartPolicy::name),
                      json::field("MaximumRetryCount", &RestartPolicy::maximum_retry_count)};
  }
};

struct Ulimit {
  std::string name;
  std::int64_t soft = 0;
  std::int64_t hard = 0;
  static constexpr auto fields() {
    return std::tuple{json::field("Name", &Ulimit::name), json::field("Hard", &Ulimit::hard),
                      json::field("Soft", &Ulimit::soft)};
  }
};

struct VolumeDriverConfig {
  std::string name;
  std::map<std::string, std::string> options;
  static constexpr auto fields() {
    using json::Emit;
    return std::tuple{json::field("Name", &VolumeDriverConfig::name, Emit::omit_empty),
                      json::field("Options", &VolumeDriverConfig::options, Emit::omit_empty)};
  }
};

struct VolumeOptions {
  bool no_copy = false;
  std::map<std::string, std::string> labels;
  std::optional<VolumeDriverConfig> driver_config;
  std::string subpath;
  static constexpr auto fields() {
    using V = VolumeOptions;
    using json::Emit;
    using json::field;
    return std::tuple{field("NoCopy", &V::no_copy, Emit::omit_empty), field("Labels", &V::labels, Emit::omit_empty),
                      field("DriverConfig", &V::driver_config, Emit::omit_empty),
                      field("Subpath", &V::subpath, Emit::omit_empty)};
  }
};

struct BindOptions {
  std::string propagation;
  bool non_recursive = false;
  bool create_mountpoint = false;
  bool read_only_non_recursive = false;
  bool read_only_force_recursive = false;
  static constexpr auto fields() {
    using B = BindOptions;
    using json::Emit;
    using json::field;
    return std::tuple{field("Propagation", &B::propagation, Emit::omit_empty),
                      field("NonRecursive", &B::non_recursive, Emit::omit_empty),
                      field("CreateMountpoint", &B::create_mountpoint, Emit::omit_empty),
                      field("ReadOnlyNonRecursive", &B::read_only_non_recursive, Emit::omit_empty),
                      field("ReadOnlyForceRecursive", &B::read_only_force_recursive, Emit::omit_empty)};
  }
};

struct TmpfsOptions {
  std::int64_t size_bytes = 0;
  std::int64_t mode = 0;
  std::vector<std::vector<std::string>> options;
  static constexpr auto fields() {
    using json::Emit;
    return std::tuple{json::field("SizeBytes", &TmpfsOptions::size_bytes, Emit::omit_empty),
                      json::field("Mode", &TmpfsOptions::mode, Emit::omit_empty),
                      json::field("Options", &TmpfsOptions::options, Emit::omit_empty)};
  }
};

struct MountRequest {
  std::string type;
  std::string source;
  std::string target;
  bool read_only = false;
  std::string consistency;
  std::optional<BindOptions> bind_options;
  std::optional<VolumeOptions> volume_options;
  std::optional<TmpfsOptions> tmpfs_options;
  static constexpr auto fields() {
    using M = MountRequest;
    using json::Emit;
    using json::field;
    return std::tuple{field("Type", &M::type, Emit::omit_empty),
                      field("Source", &M::source, Emit::omit_empty),
                      field("Target", &M::target, Emit::omit_empty),
                      field("ReadOnly", &M::read_only, Emit::omit_empty),
                      field("Consistency", &M::consistency, Emit::omit_empty),
                      field("BindOptions", &M::bind_options, Emit::omit_empty),
                      field("VolumeOptions", &M::volume_options, Emit::omit_empty),
                      field("TmpfsOptions", &M::tmpfs_options, Emit::omit_empty)};
  }
};

// The limits; members whose content core never looks at are kept as the client sent them.
struct Resources {
  std::int64_t cpu_shares = 0;
  std::int64_t memory = 0;     // bytes
  std::int64_t nano_cpus = 0;  // 1e9 = one processor
  std::string cgroup_parent;
  std::int64_t blkio_weight = 0;
  std::vector<json::Value> blkio_weight_device;
  std::vector<json::Value> blkio_device_read_bps;
  std::vector<json::Value> blkio_device_write_bps;
  std::vector<json::Value> blkio_device_read_iops;
  std::vector<json::Value> blkio_device_write_iops;
  std::int64_t cpu_period = 0;
  std::int64_t cpu_quota = 0;
  std::int64_t cpu_realtime_period = 0;
  std::int64_t cpu_realtime_runtime = 0;
  std::string cpuset_cpus;
  std::string cpuset_mems;
  std::vector<json::Value> devices;
  std::vector<std::string> device_cgroup_rules;
  std::vector<json::Value> device_requests;
  std::int64_t memory_reservation = 0;
  std::int64_t memory_swap = 0;
  std::optional<std::int64_t> memory_swappiness;
  std::optional<bool> oom_kill_disable;
  std::optional<std::int64_t> pids_limit;
  std::vector<Ulimit> ulimits;
  std::int64_t cpu_count = 0;
  std::int64_t cpu_percent = 0;
  std::int64_t io_maximum_iops = 0;
  std::int64_t io_maximum_bandwidth = 0;

  static constexpr auto fields() {
    using R = Resources;
    using json::Emit;
    using json::field;
    return std::tuple{field("CpuShares", &R::cpu_shares),
                      field("Memory", &R::memory),
                      field("NanoCpus", &R::nano_cpus),
                      field("CgroupParent", &R::cgroup_parent),
                      field("BlkioWeight", &R::blkio_weight),
                      field("BlkioWeightDevice", &R::blkio_weight_device),
                      field("BlkioDeviceReadBps", &R::blkio_device_read_bps, Emit::null_if_empty),
                      field("BlkioDeviceWriteBps", &R::blkio_device_write_bps, Emit::null_if_empty),
                      field("BlkioDeviceReadIOps", &R::blkio_device_read_iops, Emit::null_if_empty),
                      field("BlkioDeviceWriteIOps", &R::blkio_device_write_iops, Emit::null_if_empty),
                      field("CpuPeriod", &R::cpu_period),
                      field("CpuQuota", &R::cpu_quota),
                      field("CpuRealtimePeriod", &R::cpu_realtime_period),
                      field("CpuRealtimeRuntime", &R::cpu_realtime_runtime),
                      field("CpusetCpus", &R::cpuset_cpus),
                      field("CpusetMems", &R::cpuset_mems),
                      field("Devices", &R::devices),
                      field("DeviceCgroupRules", &R::device_cgroup_rules, Emit::null_if_empty),
                      field("DeviceRequests", &R::device_requests, Emit::null_if_empty),
                      field("MemoryReservation", &R::memory_reservation),
                      field("MemorySwap", &R::memory_swap),
                      field("MemorySwappiness", &R::memory_swappiness),
                      field("OomKillDisable", &R::oom_kill_disable),
                      field("PidsLimit", &R::pids_limit),
                      field("Ulimits", &R::ulimits, Emit::null_if_empty),
                      field("CpuCount", &R::cpu_count),
                      field("CpuPercent", &R::cpu_percent),
                      field("IOMaximumIOps", &R::io_maximum_iops),
                      field("IOMaximumBandwidth", &R::io_maximum_bandwidth)};
  }
};

struct HostConfig : Resources {
  std::vector<std::string> binds;
  std::string container_id_file;
  LogConfig log_config;
  std::string network_mode;
  std::map<std::string, std::vector<PortBinding>> port_bindings;
  RestartPolicy restart_policy;
  bool auto_remove = false;
  std::string volume_driver;
  std::vector<std::string> volumes_from;
  std::vector<MountRequest> mounts;
  std::vector<std::int64_t> console_size{0, 0};
  std::map<std::string, std::string> annotations;
  std::vector<std::string> cap_add;
  std::vector<std::string> cap_drop;
  std::string cgroupns_mode;
  std::vector<std::string> dns;
  std::vector<std::string> dns_options;
  std::vector<std::string> dns_search;
  std::vector<std::string> extra_hosts;
  std::vector<std::string> group_add;
  std::string ipc_mode;
  std::string cgroup;
  std::vector<std::string> links;
  std::int64_t oom_score_adj = 0;
  std::string pid_mode;
  bool privileged = false;
  bool publish_all_ports = false;
  bool readonly_rootfs = false;
  std::vector<std::string> security_opt;
  std::map<std::string, std::string> storage_opt;
  std::map<std::string, std::string> tmpfs;
  std::string uts_mode;
  std::string userns_mode;
  std::int64_t shm_size = 0;
  std::map<std::string, std::string> sysctls;
  std::string runtime;
  std::string isolation;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::optional<bool> init;

  static constexpr auto fields() {
    using H = HostConfig;
    using json::Emit;
    using json::field;
    constexpr std::tuple head{field("Binds", &H::binds, Emit::null_if_empty),
                              field("ContainerIDFile", &H::container_id_file),
                              field("LogConfig", &H::log_config),
                              field("NetworkMode", &H::network_mode),
                              field("PortBindings", &H::port_bindings),
                              field("RestartPolicy", &H::restart_policy),
                              field("AutoRemove", &H::auto_remove),
                              field("VolumeDriver", &H::volume_driver),
                              field("VolumesFrom", &H::volumes_from, Emit::null_if_empty),
                              field("Mounts", &H::mounts, Emit::omit_empty),
                              field("ConsoleSize", &H::console_size),
                              field("Annotations", &H::annotations, Emit::omit_empty),
                              field("CapAdd", &H::cap_add, Emit::null_if_empty),
                              field("CapDrop", &H::cap_drop, Emit::null_if_empty),
                              field("CgroupnsMode", &H::cgroupns_mode),
                              field("Dns", &H::dns),
                              field("DnsOptions", &H::dns_options),
                              field("DnsSearch", &H::dns_search),
                              field("ExtraHosts", &H::extra_hosts, Emit::null_if_empty),
                              field("GroupAdd", &H::group_add, Emit::null_if_empty),
                              field("IpcMode", &H::ipc_mode),
                              field("Cgroup", &H::cgroup),
                              field("Links", &H::links, Emit::null_if_empty),
                              field("OomScoreAdj", &H::oom_score_adj),
                              field("PidMode", &H::pid_mode),
                              field("Privileged", &H::privileged),
                              field("PublishAllPorts", &H::publish_all_ports),
                              field("ReadonlyRootfs", &H::readonly_rootfs),
                              field("SecurityOpt", &H::security_opt, Emit::null_if_empty),
                              field("StorageOpt", &H::storage_opt, Emit::omit_empty),
                              field("Tmpfs", &H::tmpfs, Emit::omit_empty),
                              field("UTSMode", &H::uts_mode),
                              field("UsernsMode", &H::userns_mode),
                              field("ShmSize", &H::shm_size),
                              field("Sysctls", &H::sysctls, Emit::omit_empty),
                              field("Runtime", &H::runtime),
                              field("Isolation", &H::isolation)};
    constexpr std::tuple tail{field("MaskedPaths", &H::masked_paths, Emit::null_if_empty),
                              field("ReadonlyPaths", &H::readonly_paths, Emit::null_if_empty),
                              field("Init", &H::init, Emit::omit_empty)};
    return std::tuple_cat(head, Resources::fields(), tail);
  }
};

}  // namespace sockerless::core
