#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/container_config.h"

// The answers of GET /version and GET /info.
namespace sockerless::docker {

struct NamedPlatform {
  std::string name;
  static constexpr auto fields() { return std::tuple{json::field("Name", &NamedPlatform::name)}; }
};

struct ComponentView {
  std::string name;
  std::string version;
  std::map<std::string, std::string> details;
  static constexpr auto fields() {
    return std::tuple{json::field("Name", &ComponentView::name), json::field("Version", &ComponentView::version),
                      json::field("Details", &ComponentView::details)};
  }
};

struct VersionView {
  NamedPlatform platform;
  std::vector<ComponentView> components;
  std::string version;
  std::string api_version;
  std::string min_api_version;
  std::string git_commit;
  std::string go_version;
  std::string os = "linux";
  std::string arch;
  std::string kernel_version;
  std::string build_time;

  static constexpr auto fields() {
    using V = VersionView;
    using json::field;
    return std::tuple{field("Platform", &V::platform),
                      field("Components", &V::components),
                      field("Version", &V::version),
                      field("ApiVersion", &V::api_version),
                      field("MinAPIVersion", &V::min_api_version),
                      field("GitCommit", &V::git_commit),
                      field("GoVersion", &V::go_version),
                      field("Os", &V::os),
                      field("Arch", &V::arch),
                      field("KernelVersion", &V::kernel_version),
                      field("BuildTime", &V::build_time)};
  }
};

struct PluginsView {
  std::vector<std::string> volume{"local"};
  std::vector<std::string> network{"bridge", "host", "null"};
  std::vector<std::string> authorization;
  std::vector<std::string> log{"awslogs", "json-file"};
  static constexpr auto fields() {
    using json::Emit;
    return std::tuple{json::field("Volume", &PluginsView::volume), json::field("Network", &PluginsView::network),
                      json::field("Authorization", &PluginsView::authorization, Emit::null_if_empty),
                      json::field("Log", &PluginsView::log)};
  }
};

struct RuntimeView {
  std::string path;
  static constexpr auto fields() { return std::tuple{json::field("path", &RuntimeView::path)}; }
};

// The CLI's `inspect` reads Swarm from here.
struct SwarmView {
  std::string node_id;
  std::string node_addr;
  std::string local_node_state = "inactive";
  bool control_available = false;
  std::string error;
  std::vector<core::Empty> remote_managers;
  static constexpr auto fields() {
    using S = SwarmView;
    using json::Emit;
    using json::field;
    return std::tuple{field("NodeID", &S::node_id),
                      field("NodeAddr", &S::node_addr),
                      field("LocalNodeState", &S::local_node_state),
                      field("ControlAvailable", &S::control_available),
                      field("Error", &S::error),
                      field("RemoteManagers", &S::remote_managers, Emit::null_if_empty)};
  }
};

struct CommitView {
  std::string id;
  std::string expected;
  static constexpr auto fields() {
    return std::tuple{json::field("ID", &CommitView::id), json::field("Expected", &CommitView::expected)};
  }
};

struct IndexConfigView {
  std::string name = "docker.io";
  std::vector<std::string> mirrors;
  bool secure = true;
  bool official = true;
  static constexpr auto fields() {
    using I = IndexConfigView;
    using json::field;
    return std::tuple{field("Name", &I::name), field("Mirrors", &I::mirrors), field("Secure", &I::secure),
                      field("Official", &I::official)};
  }
};

struct RegistryConfigView {
  std::optional<core::Empty> nondistributable_cidrs;
  std::optional<core::Empty> nondistributable_hostnames;
  std::vector<std::string> insecure_cidrs{"127.0.0.0/8"};
  std::map<std::string, IndexConfigView> index_configs{{"docker.io", {}}};
  std::vector<std::string> mirrors;
  static constexpr auto fields() {
    using R = RegistryConfigView;
    using json::field;
    return std::tuple{field("AllowNondistributableArtifactsCIDRs", &R::nondistributable_cidrs),
                      field("AllowNondistributableArtifactsHostnames", &R::nondistributable_hostnames),
                      field("InsecureRegistryCIDRs", &R::insecure_cidrs), field("IndexConfigs", &R::index_configs),
                      field("Mirrors", &R::mirrors)};
  }
};

struct InfoView {
  std::string id;
  int containers = 0;
  int running = 0;
  int paused = 0;
  int stopped = 0;
  int images = 0;
  std::string driver;
  std::vector<std::vector<std::string>> driver_status;
  PluginsView plugins;
  bool memory_limit = true;
  bool swap_limit = false;
  bool cpu_cfs_period = true;
  bool cpu_cfs_quota = true;
  bool cpu_shares = false;
  bool cpu_set = false;
  bool pids_limit = false;
  bool ipv4_forwarding = true;
  bool bridge_nf_iptables = false;
  bool bridge_nf_ip6tables = false;
  bool debug = false;
  int fds = 0;
  bool oom_kill_disable = false;
  int goroutines = 0;
  std::string system_time;
  std::string logging_driver = "json-file";
  std::string cgroup_driver = "none";
  std::string cgroup_version = "2";
  int event_listeners = 0;
  std::string kernel_version;
  std::string operating_system = "AWS Fargate";
  std::string os_version;
  std::string os_type = "linux";
  std::string architecture;
  std::string index_server_address = "https://index.docker.io/v1/";
  RegistryConfigView registry_config;
  int cpus = 2;
  std::int64_t memory = 4LL * 1024 * 1024 * 1024;
  std::optional<core::Empty> generic_resources;
  std::string docker_root_dir;
  std::string http_proxy;
  std::string https_proxy;
  std::string no_proxy;
  std::string name;
  std::vector<std::string> labels;
  bool experimental = false;
  std::string server_version;
  std::map<std::string, RuntimeView> runtimes{{"runc", {"runc"}}};
  std::string default_runtime = "runc";
  SwarmView swarm;
  bool live_restore = true;
  std::string isolation;
  std::string init_binary;
  CommitView containerd_commit;
  CommitView runc_commit;
  CommitView init_commit;
  std::vector<std::string> security_options;
  std::vector<std::string> warnings;

  static constexpr auto fields() {
    using I = InfoView;
    using json::Emit;
    using json::field;
    constexpr std::tuple head{field("ID", &I::id),
                              field("Containers", &I::containers),
                              field("ContainersRunning", &I::running),
                              field("ContainersPaused", &I::paused),
                              field("ContainersStopped", &I::stopped),
                              field("Images", &I::images),
                              field("Driver", &I::driver),
                              field("DriverStatus", &I::driver_status),
                              field("Plugins", &I::plugins),
                              field("MemoryLimit", &I::memory_limit),
                              field("SwapLimit", &I::swap_limit),
                              field("CpuCfsPeriod", &I::cpu_cfs_period),
                              field("CpuCfsQuota", &I::cpu_cfs_quota),
                              field("CPUShares", &I::cpu_shares),
                              field("CPUSet", &I::cpu_set),
                              field("PidsLimit", &I::pids_limit),
                              field("IPv4Forwarding", &I::ipv4_forwarding),
                              field("BridgeNfIptables", &I::bridge_nf_iptables),
                              field("BridgeNfIp6tables", &I::bridge_nf_ip6tables),
                              field("Debug", &I::debug),
                              field("NFd", &I::fds),
                              field("OomKillDisable", &I::oom_kill_disable),
                              field("NGoroutines", &I::goroutines),
                              field("SystemTime", &I::system_time),
                              field("LoggingDriver", &I::logging_driver)};
    constexpr std::tuple tail{field("CgroupDriver", &I::cgroup_driver),
                              field("CgroupVersion", &I::cgroup_version, Emit::omit_empty),
                              field("NEventsListener", &I::event_listeners),
                              field("KernelVersion", &I::kernel_version),
                              field("OperatingSystem", &I::operating_system),
                              field("OSVersion", &I::os_version),
                              field("OSType", &I::os_type),
                              field("Architecture", &I::architecture),
                              field("IndexServerAddress", &I::index_server_address),
                              field("RegistryConfig", &I::registry_config),
                              field("NCPU", &I::cpus),
                              field("MemTotal", &I::memory),
                              field("GenericResources", &I::generic_resources),
                              field("DockerRootDir", &I::docker_root_dir),
                              field("HttpProxy", &I::http_proxy),
                              field("HttpsProxy", &I::https_proxy),
                              field("NoProxy", &I::no_proxy),
                              field("Name", &I::name),
                              field("Labels", &I::labels),
                              field("ExperimentalBuild", &I::experimental),
                              field("ServerVersion", &I::server_version),
                              field("Runtimes", &I::runtimes),
                              field("DefaultRuntime", &I::default_runtime),
                              field("Swarm", &I::swarm),
                              field("LiveRestoreEnabled", &I::live_restore),
                              field("Isolation", &I::isolation),
                              field("InitBinary", &I::init_binary),
                              field("ContainerdCommit", &I::containerd_commit),
                              field("RuncCommit", &I::runc_commit),
                              field("InitCommit", &I::init_commit),
                              field("SecurityOptions", &I::security_options),
                              field("Warnings", &I::warnings, Emit::null_if_empty)};
    return std::tuple_cat(head, tail);
  }
};

}  // namespace sockerless::docker
