#include "docker/types/container_view.h"

#include <fmt/format.h>

#include <charconv>

#include "base/sha256.h"
#include "docker/human.h"

namespace sockerless::docker {
namespace {

std::string time_text(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return std::string(kZeroTime);
  return format_rfc3339_nano(Time(std::chrono::nanoseconds(nanoseconds)));
}

StateView state_view(const core::State& state) {
  const bool is_running = state.status == core::Status::running;
  return {.status = std::string(state_word(state)),
          .running = is_running,
          .oom_killed = state.out_of_memory,
          .pid = state.pid,
          .exit_code = state.exit_code,
          .error = state.error,
          .started_at = time_text(state.started_at),
          .finished_at = time_text(state.finished_at)};
}

// "default" is the client's word for the bridge network.
std::string network_of(const core::Container& container) {
  const std::string& mode = container.host_config.network_mode;
  return mode == "default" ? "bridge" : mode;
}

std::map<std::string, EndpointView> endpoints_of(const core::Container& container) {
  std::map<std::string, EndpointView> endpoints;
  for (const auto& [name, settings] : container.networks) {
    EndpointView view;
    view.aliases = settings.aliases;
    view.network_id = settings.network_id;
    view.endpoint_id = settings.endpoint_id;
    view.ip_address = settings.ip_address;
    view.mac_address = settings.mac_address;
    endpoints[name == "default" ? "bridge" : name] = view;
  }
  if (endpoints.empty()) endpoints[network_of(container)];
  return endpoints;
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
  for (const auto& [port, nothing] : container.config.exposed_ports) {
    const auto slash = std::min(port.find('/'), port.size());
    PortView view;
    std::from_chars(port.data(), port.data() + slash, view.private_port);
    view.type = slash < port.size() ? port.substr(slash + 1) : "tcp";
    ports.push_back(view);
  }
  return ports;
}

// "source:destination[:mode]" of Binds.
MountView mount_of_bind(const std::string& text) {
  const auto first = std::min(text.find(':'), text.size());
  const auto second = std::min(text.find(':', first + 1), text.size());
  MountView mount;
  const std::string source = text.substr(0, first);
  mount.destination = first < text.size() ? text.substr(first + 1, second - first - 1) : source;
  mount.mode = second < text.size() ? text.substr(second + 1) : "";
  mount.read_write = ("," + mount.mode + ",").find(",ro,") == std::string::npos;
  if (source.starts_with('/')) {
    mount.type = "bind";
    mount.source = source;
    mount.propagation = "rprivate";
  } else {
    mount.type = "volume";
    mount.name = source;
    mount.driver = "local";
  }
  return mount;
}

// A volume without a name has one of its own for as long as its container lives.
MountView anonymous_volume(const core::Container& container, const std::string& destination) {
  MountView mount;
  mount.type = "volume";
  mount.name = sha256_hex(container.id + destination);
  mount.destination = destination;
  mount.driver = "local";
  return mount;
}

std::vector<MountView> mounts_of(const core::Container& container) {
  std::vector<MountView> mounts;
  for (const std::string& bind : container.host_config.binds) {
    mounts.push_back(mount_of_bind(bind));
  }
  for (const core::MountRequest& request : container.host_config.mounts) {
    MountView mount = request.source.empty() ? anonymous_volume(container, request.target)
                                             : mount_of_bind(request.source + ":" + request.target);
    mount.type = request.type;
    mount.read_write = !request.read_only;
    mounts.push_back(std::move(mount));
  }
  for (const auto& [destination, nothing] : container.config.volumes) {
    const auto takes_it = [&wanted = destination](const MountView& mount) { return mount.destination == wanted; };
    const bool is_taken = std::any_of(mounts.begin(), mounts.end(), takes_it);
    if (!is_taken) mounts.push_back(anonymous_volume(container, destination));
  }
  return mounts;
}

}  // namespace

std::string_view state_word(const core::State& state) {
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
  view.graph_driver.name = kStorageDriver;
  view.mounts = mounts_of(container);
  view.config = container.config;
  view.network_settings.networks = endpoints_of(container);
  if (container.state.status == core::Status::running) {
    for (const auto& [port, nothing] : container.config.exposed_ports) {
      view.network_settings.ports[port];
    }
  }
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
