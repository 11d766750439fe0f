#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/container.h"
#include "docker/version.h"

// The shapes in which Docker shows containers: ContainerInspect and ContainerSummary.
namespace sockerless::docker {

struct HealthProbeView {
  std::string start;
  std::string end;
  int exit_code = 0;
  std::string output;
  static constexpr auto fields() {
    using H = HealthProbeView;
    using json::field;
    return std::tuple{field("Start", &H::start), field("End", &H::end), field("ExitCode", &H::exit_code),
                      field("Output", &H::output)};
  }
};

struct HealthView {
  std::string status;
  int failing_streak = 0;
  std::vector<HealthProbeView> log;
  static constexpr auto fields() {
    using H = HealthView;
    using json::field;
    return std::tuple{field("Status", &H::status), field("FailingStreak", &H::failing_streak), field("Log", &H::log)};
  }
};

struct StateView {
  std::string status;
  bool running = false;
  bool paused = false;
  bool restarting = false;
  bool oom_killed = false;
  bool dead = false;
  int pid = 0;
  int exit_code = 0;
  std::string error;
  std::string started_at;
  std::string finished_at;
  std::optional<HealthView> health;

  static constexpr auto fields() {
    using S = StateView;
    using json::field;
    return std::tuple{field("Status", &S::status),
                      field("Running", &S::running),
                      field("Paused", &S::paused),
                      field("Restarting", &S::restarting),
                      field("OOMKilled", &S::oom_killed),
                      field("Dead", &S::dead),
                      field("Pid", &S::pid),
                      field("ExitCode", &S::exit_code),
                      field("Error", &S::error),
                      field("StartedAt", &S::started_at),
                      field("FinishedAt", &S::finished_at),
                      field("Health", &S::health, json::Emit::omit_empty)};
  }
};

struct EndpointIpamView {
  std::string ipv4_address;
  std::string ipv6_address;

  static constexpr auto fields() {
    using E = EndpointIpamView;
    using json::field;
    return std::tuple{field("IPv4Address", &E::ipv4_address, json::Emit::omit_empty),
                      field("IPv6Address", &E::ipv6_address, json::Emit::omit_empty)};
  }
};

// A container's place in a network, as clients give and get it.
struct EndpointView {
  std::optional<EndpointIpamView> ipam_config;
  std::vector<std::string> links;
  std::vector<std::string> aliases;
  std::string mac_address;
  std::map<std::string, std::string> driver_opts;
  std::int64_t gateway_priority = 0;
  std::string network_id;
  std::string endpoint_id;
  std::string gateway;
  std::string ip_address;
  int ip_prefix_length = 0;
  std::string ipv6_gateway;
  std::string global_ipv6_address;
  int global_ipv6_prefix_length = 0;
  std::vector<std::string> dns_names;

  static constexpr auto fields() {
    using E = EndpointView;
    using json::Emit;
    using json::field;
    return std::tuple{field("IPAMConfig", &E::ipam_config),
                      field("Links", &E::links, Emit::null_if_empty),
                      field("Aliases", &E::aliases, Emit::null_if_empty),
                      field("MacAddress", &E::mac_address),
                      field("DriverOpts", &E::driver_opts, Emit::null_if_empty),
                      field("GwPriority", &E::gateway_priority),
                      field("NetworkID", &E::network_id),
                      field("EndpointID", &E::endpoint_id),
                      field("Gateway", &E::gateway),
                      field("IPAddress", &E::ip_address),
                      field("IPPrefixLen", &E::ip_prefix_length),
                      field("IPv6Gateway", &E::ipv6_gateway),
                      field("GlobalIPv6Address", &E::global_ipv6_address),
                      field("GlobalIPv6PrefixLen", &E::global_ipv6_prefix_length),
                      field("DNSNames", &E::dns_names, Emit::null_if_empty)};
  }
};

// What the client asks for of an endpoint; what the daemon decides is not read.
core::EndpointSettings wanted_endpoint(const EndpointView& view);

// The members from Bridge to MacAddress are those that the API drops with 1.52.
struct NetworkSettingsView {
  std::string bridge;
  std::string sandbox_id;
  std::string sandbox_key;
  std::map<std::string, std::optional<std::vector<core::PortBinding>>> ports;
  bool hairpin_mode = false;
  std::string link_local_ipv6_address;
  int link_local_ipv6_prefix_length = 0;
  std::optional<core::Empty> secondary_ip_addresses;
  std::optional<core::Empty> secondary_ipv6_addresses;
  std::string endpoint_id;
  std::string gateway;
  std::string global_ipv6_address;
  int global_ipv6_prefix_length = 0;
  std::string ip_address;
  int ip_prefix_length = 0;
  std::string ipv6_gateway;
  std::string mac_address;
  std::map<std::string, EndpointView> networks;

  static constexpr auto fields() {
    using N = NetworkSettingsView;
    using json::field;
    return std::tuple{field("Bridge", &N::bridge),
                      field("SandboxID", &N::sandbox_id),
                      field("SandboxKey", &N::sandbox_key),
                      field("Ports", &N::ports),
                      field("HairpinMode", &N::hairpin_mode),
                      field("LinkLocalIPv6Address", &N::link_local_ipv6_address),
                      field("LinkLocalIPv6PrefixLen", &N::link_local_ipv6_prefix_length),
                      field("SecondaryIPAddresses", &N::secondary_ip_addresses),
                      field("SecondaryIPv6Addresses", &N::secondary_ipv6_addresses),
                      field("EndpointID", &N::endpoint_id),
                      field("Gateway", &N::gateway),
                      field("GlobalIPv6Address", &N::global_ipv6_address),
                      field("GlobalIPv6PrefixLen", &N::global_ipv6_prefix_length),
                      field("IPAddress", &N::ip_address),
                      field("IPPrefixLen", &N::ip_prefix_length),
                      field("IPv6Gateway", &N::ipv6_gateway),
                      field("MacAddress", &N::mac_address),
                      field("Networks", &N::networks)};
  }
};

struct GraphDriverView {
  std::optional<core::Empty> data;
  std::string name;
  static constexpr auto fields() {
    return std::tuple{json::field("Data", &GraphDriverView::data), json::field("Name", &GraphDriverView::name)};
  }
};

struct MountView {
  std::string type;
  std::string name;
  std::string source;
  std::string destination;
  std::string driver;
  std::string mode;
  bool read_write = true;
  std::string propagation;

  static constexpr auto fields() {
    using M = MountView;
    using json::Emit;
    using json::field;
    return std::tuple{field("Type", &M::type),
                      field("Name", &M::name, Emit::omit_empty),
                      field("Source", &M::source),
                      field("Destination", &M::destination),
                      field("Driver", &M::driver, Emit::omit_empty),
                      field("Mode", &M::mode),
                      field("RW", &M::read_write),
                      field("Propagation", &M::propagation)};
  }
};

struct ContainerInspect {
  std::string id;
  std::string created;
  std::string path;
  std::vector<std::string> args;
  StateView state;
  std::string image;
  std::string resolv_conf_path;
  std::string hostname_path;
  std::string hosts_path;
  std::string log_path;
  std::string name;
  int restart_count = 0;
  std::string driver;
  std::string platform = "linux";
  std::string mount_label;
  std::string process_label;
  std::string app_armor_profile;
  std::vector<std::string> exec_ids;
  core::HostConfig host_config;
  GraphDriverView graph_driver;
  std::vector<MountView> mounts;
  core::ContainerConfig config;
  NetworkSettingsView network_settings;
  std::string agent;                    // ours: "absent" if nothing can look into the container
  std::optional<std::int64_t> size_rw;  // these two: if they were asked for
  std::optional<std::int64_t> size_root_fs;

  static constexpr auto fields() {
    using C = ContainerInspect;
    using json::Emit;
    using json::field;
    return std::tuple{field("Id", &C::id),
                      field("Created", &C::created),
                      field("Path", &C::path),
                      field("Args", &C::args),
                      field("State", &C::state),
                      field("Image", &C::image),
                      field("ResolvConfPath", &C::resolv_conf_path),
                      field("HostnamePath", &C::hostname_path),
                      field("HostsPath", &C::hosts_path),
                      field("LogPath", &C::log_path),
                      field("Name", &C::name),
                      field("RestartCount", &C::restart_count),
                      field("Driver", &C::driver),
                      field("Platform", &C::platform),
                      field("MountLabel", &C::mount_label),
                      field("ProcessLabel", &C::process_label),
                      field("AppArmorProfile", &C::app_armor_profile),
                      field("ExecIDs", &C::exec_ids, Emit::null_if_empty),
                      field("HostConfig", &C::host_config),
                      field("GraphDriver", &C::graph_driver),
                      field("Mounts", &C::mounts),
                      field("Config", &C::config),
                      field("NetworkSettings", &C::network_settings),
                      field("SockerlessAgent", &C::agent, Emit::omit_empty),
                      field("SizeRw", &C::size_rw, Emit::omit_empty),
                      field("SizeRootFs", &C::size_root_fs, Emit::omit_empty)};
  }
};

struct PortView {
  std::string ip;
  int private_port = 0;
  int public_port = 0;
  std::string type;
  static constexpr auto fields() {
    using json::Emit;
    return std::tuple{
        json::field("IP", &PortView::ip, Emit::omit_empty), json::field("PrivatePort", &PortView::private_port),
        json::field("PublicPort", &PortView::public_port, Emit::omit_empty), json::field("Type", &PortView::type)};
  }
};

struct SummaryHostConfig {
  std::string network_mode;
  static constexpr auto fields() { return std::tuple{json::field("NetworkMode", &SummaryHostConfig::network_mode)}; }
};

struct SummaryNetworks {
  std::map<std::string, EndpointView> networks;
  static constexpr auto fields() { return std::tuple{json::field("Networks", &SummaryNetworks::networks)}; }
};

struct ContainerSummary {
  std::string id;
  std::vector<std::string> names;
  std::string image;
  std::string image_id;
  std::string command;
  std::int64_t created = 0;  // seconds since the epoch
  std::vector<PortView> ports;
  std::optional<std::int64_t> size_rw;
  std::optional<std::int64_t> size_root_fs;
  std::map<std::string, std::string> labels;
  std::string state;
  std::string status;
  SummaryHostConfig host_config;
  SummaryNetworks network_settings;
  std::vector<MountView> mounts;

  static constexpr auto fields() {
    using C = ContainerSummary;
    using json::Emit;
    using json::field;
    return std::tuple{field("Id", &C::id),
                      field("Names", &C::names),
                      field("Image", &C::image),
                      field("ImageID", &C::image_id),
                      field("Command", &C::command),
                      field("Created", &C::created),
                      field("Ports", &C::ports),
                      field("SizeRw", &C::size_rw, Emit::omit_empty),
                      field("SizeRootFs", &C::size_root_fs, Emit::omit_empty),
                      field("Labels", &C::labels),
                      field("State", &C::state),
                      field("Status", &C::status),
                      field("HostConfig", &C::host_config),
                      field("NetworkSettings", &C::network_settings),
                      field("Mounts", &C::mounts)};
  }
};

inline constexpr std::string_view kStorageDriver = "ecs-fargate";
inline constexpr std::string_view kZeroTime = "0001-01-01T00:00:00Z";

ContainerInspect inspect_view(const core::Container& container);
ContainerSummary summary_view(const core::Container& container, Time now);

// Docker's word for the state as clients see it.
std::string_view state_word(const core::State& state);

}  // namespace sockerless::docker
