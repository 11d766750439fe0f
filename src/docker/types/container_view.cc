#include "docker/types/container_view.h"

#include <fmt/format.h>

#include <charconv>

#include "core/networks.h"
#include "docker/human.h"

namespace sockerless::docker {
namespace {

std::string time_text(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return std::string(kZeroTime);
  return format_rfc3339_nano(Time(std::chrono::nanoseconds(nanoseconds)));
}

std::optional<HealthView> health_view(const core::State& state) {
  if (!state.health) return std::nullopt;
  HealthView view{state.health->status, state.health->failing_streak, {}};
  for (const core::HealthProbe& probe : state.health->log) {
    view.log.push_back({time_text(probe.started_at), time_text(probe.ended_at), probe.exit_code, probe.output});
  }
  return view;
}

StateView state_view(const core::State& state) {
  const bool is_running = state.status == core::Status::running || state.restarting;
  return {.status = std::string(state_word(state)),
          .running = is_running,
          .restarting = state.restarting,
          .oom_killed = state.out_of_memory,
          .pid = state.pid,
          .exit_code = state.exit_code,
          .error = state.error,
          .started_at = time_text(state.started_at),
          .finished_at = time_text(state.finished_at),
          .health = health_view(state)};
}

// Exposed and published ports; what is only exposed has no bindings.
std::map<std::string, std::optional<std::vector<core::PortBinding>>> ports_with_bindings(
    const core::Container& container) {
  std::map<std::string, std::optional<std::vector<core::PortBinding>>> ports;
  for (const auto& [port, nothing] : container.config.exposed_ports) ports[port];
  for (const auto& [port, bindings] : container.published) ports[port] = bindings;
  return ports;
}

EndpointView endpoint_view(const core::Container& container, const std::string& network,
                           const core::EndpointSettings& settings) {
  EndpointView view;
  if (!settings.wanted_address.empty() || !settings.wanted_ipv6_address.empty()) {
    view.ipam_config = EndpointIpamView{settings.wanted_address, settings.wanted_ipv6_address};
  }
  view.links = settings.links;
  view.aliases = settings.aliases;
  view.mac_address = settings.mac_address.empty() ? settings.wanted_mac_address : settings.mac_address;
  view.driver_opts = settings.driver_options;
  view.gateway_priority = settings.gateway_priority;
  view.network_id = settings.network_id;
  view.endpoint_id = settings.endpoint_id;
  view.gateway = settings.gateway;
  view.ip_address = settings.ip_address;
  view.ip_prefix_length = settings.prefix_length;
  if (core::has_names(network)) view.dns_names = core::names_of(container, settings);
  return view;
}

std::map<std::string, EndpointView> endpoints_of(const core::Container& container) {
  std::map<std::string, EndpointView> endpoints;
  for (const auto& [network, settings] : container.networks) {
    endpoints[network] = endpoint_view(container, network, settings);
  }
  return endpoints;
}

NetworkSettingsView network_settings_of(const core::Container& container) {
  NetworkSettingsView view;
  view.networks = endpoints_of(container);
  if (container.state.status == core::Status::running) view.ports = ports_with_bindings(container);
  // Beside the networks Docker shows the default one's endpoint.
  if (const auto bridge = container.networks.find("bridge"); bridge != container.networks.end()) {
    view.endpoint_id = bridge->second.endpoint_id;
    view.gateway = bridge->second.gateway;
    view.ip_address = bridge->second.ip_address;
    view.ip_prefix_length = bridge->second.prefix_length;
    view.mac_address = bridge->second.mac_address;
  }
  return view;
}

// As moby shows a command in lists: only spaces make it quote.
std::string command_line(const core::Container& container) {
  std::string text = container.path;
  for (const std::string& argument : container.args) {
    text += argument.find(' ') == std::string::npos ? " " + argument : fmt::format(" '{}'", argument);
  }
  return text;
}

std::vector<PortView> ports_of(const core::Container& container) {
  std::vector<PortView> ports;
  if (container.state.status != core::Status::running) return ports;
  for (const auto& [port, bindings] : ports_with_bindings(container)) {
    const auto slash = std::min(port.find('/'), port.size());
    PortView view;
    std::from_chars(port.data(), port.data() + slash, view.private_port);
    view.type = slash < port.size() ? port.substr(slash + 1) : "tcp";
    if (!bindings) ports.push_back(view);
    for (const core::PortBinding& binding : bindings.value_or(std::vector<core::PortBinding>())) {
      view.ip = binding.host_ip;
      std::from_chars(binding.host_port.data(), binding.host_port.data() + binding.host_port.size(), view.public_port);
      ports.push_back(view);
    }
  }
  return ports;
}

// The records do without: these lists would be a large part of each.
void fill_paths(core::HostConfig& host_config) {
  if (host_config.masked_paths.empty()) {
    host_config.masked_paths = {"/proc/asound",        "/proc/acpi",       "/proc/kcore",       "/proc/keys",
                                "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                                "/proc/scsi",          "/sys/firmware"};
  }
  if (host_config.readonly_paths.empty()) {
    host_config.readonly_paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  }
}

std::vector<MountView> mounts_of(const core::Container& container) {
  std::vector<MountView> mounts;
  for (const core::MountPoint& mount : container.mounts) {
    mounts.push_back({.type = mount.type,
                      .name = mount.name,
                      .source = mount.source,
                      .destination = mount.destination,
                      .driver = mount.driver,
                      .mode = mount.mode,
                      .read_write = mount.read_write,
                      .propagation = mount.propagation});
  }
  return mounts;
}

}  // namespace

core::EndpointSettings wanted_endpoint(const EndpointView& view) {
  core::EndpointSettings endpoint;
  endpoint.aliases = view.aliases;
  endpoint.links = view.links;
  endpoint.driver_options = view.driver_opts;
  endpoint.gateway_priority = view.gateway_priority;
  endpoint.wanted_mac_address = view.mac_address;
  if (view.ipam_config) {
    endpoint.wanted_address = view.ipam_config->ipv4_address;
    endpoint.wanted_ipv6_address = view.ipam_config->ipv6_address;
  }
  return endpoint;
}

std::string_view state_word(const core::State& state) {
  if (state.restarting) return "restarting";
  // A container that is started again shows what it was until the new launch counts.
  if (state.status == core::Status::starting && state.finished_at != 0) return "exited";
  return core::docker_status(state.status);
}

ContainerInspect inspect_view(const core::Container& container) {
  ContainerInspect view;
  view.id = container.id;
  view.created = time_text(container.created_at);
  view.path = container.path;
  view.args = container.args;
  view.state = state_view(container.state);
  view.image = container.image_id;
  view.name = "/" + container.name;
  view.restart_count = container.restart_count;
  view.driver = kStorageDriver;
  view.host_config = container.host_config;
  fill_paths(view.host_config);
  view.graph_driver.name = kStorageDriver;
  view.mounts = mounts_of(container);
  view.config = container.config;
  view.network_settings = network_settings_of(container);
  if (container.agent == core::AgentPresence::absent) view.agent = "absent";
  return view;
}

ContainerSummary summary_view(const core::Container& container, Time now) {
  ContainerSummary view;
  view.id = container.id;
  view.names = {"/" + container.name};
  view.image = container.config.image;
  view.image_id = container.image_id;
  view.command = command_line(container);
  view.created = container.created_at / 1'000'000'000;
  view.ports = ports_of(container);
  view.labels = container.config.labels;
  view.state = state_word(container.state);
  view.status = human_status(container.state, now);
  view.host_config.network_mode = container.host_config.network_mode;
  view.network_settings.networks = endpoints_of(container);
  view.mounts = mounts_of(container);
  return view;
}

}  // namespace sockerless::docker
