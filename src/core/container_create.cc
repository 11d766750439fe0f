#include "core/container_create.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <random>

#include "core/errors.h"
#include "core/signal.h"

namespace sockerless::core {
namespace {

constexpr std::int64_t kMinimumMemory = 6 * 1024 * 1024;
constexpr std::int64_t kDefaultShmSize = 64 * 1024 * 1024;

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-'; }

void validate(const RestartPolicy& policy, bool auto_remove) {
  const std::string& name = policy.name;
  if (!name.empty() && name != "no" && name != "always" && name != "on-failure" && name != "unless-stopped") {
    throw invalid(
        fmt::format("invalid restart policy: unknown policy '{}'; use one of 'no', "
                    "'always', 'on-failure', or 'unless-stopped'",
                    name));
  }
  if (policy.maximum_retry_count > 0 && name != "on-failure") {
    throw invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
  if (auto_remove && !name.empty() && name != "no") {
    throw invalid("can't create 'AutoRemove' container with restart policy");
  }
}

void validate_port(const std::string& port) {
  const auto slash = std::min(port.find('/'), port.size());
  const std::string protocol = slash < port.size() ? port.substr(slash + 1) : "tcp";
  int number = 0;
  const auto [end, ec] = std::from_chars(port.data(), port.data() + slash, number);
  if (ec != std::errc{} || end != port.data() + slash || number < 1 || number > 65535 ||
      (protocol != "tcp" && protocol != "udp" && protocol != "sctp")) {
    throw invalid(fmt::format("invalid port specification: \"{}\"", port));
  }
}

void validate_bindings(const HostConfig& host_config) {
  for (const auto& [port, bindings] : host_config.port_bindings) {
    validate_port(port);
    for (const PortBinding& binding : bindings) {
      if (binding.host_port.empty()) continue;
      const auto dash = std::min(binding.host_port.find('-'), binding.host_port.size());
      const std::string first = binding.host_port.substr(0, dash);
      if (first != "0") validate_port(first);
      if (dash == binding.host_port.size()) continue;
      const std::string last = binding.host_port.substr(dash + 1);
      validate_port(last);
      if (std::stoi(last) < std::stoi(first)) {
        throw invalid(fmt::format("invalid port specification: \"{}\"", binding.host_port));
      }
    }
  }
}

void validate_log_driver(const LogConfig& log_config) {
  constexpr std::array<std::string_view, 5> kKnown{"", "json-file", "awslogs", "local", "journald"};
  if (std::find(kKnown.begin(), kKnown.end(), log_config.type) != kKnown.end()) return;
  throw invalid(fmt::format("error looking up logging plugin {0}: plugin \"{0}\" not found", log_config.type));
}

void validate_extra_hosts(const std::vector<std::string>& extra_hosts) {
  for (const std::string& text : extra_hosts) {
    const auto separator = text.find_first_of(":=");
    if (separator == 0 || separator == std::string::npos) {
      throw invalid(fmt::format("bad format for add-host: \"{}\"", text));
    }
    const std::string address = text.substr(separator + 1);
    in6_addr ignored{};
    const bool is_address =
        ::inet_pton(AF_INET, address.c_str(), &ignored) == 1 || ::inet_pton(AF_INET6, address.c_str(), &ignored) == 1;
    if (!is_address && address != "host-gateway") {
      throw invalid(fmt::format("invalid IP address in add-host: \"{}\"", address));
    }
  }
}

void validate_healthcheck(const Healthcheck& check) {
  constexpr std::int64_t kShortest = 1'000'000;  // 1 ms
  const auto refuse_short = [](std::int64_t duration, const char* name) {
    if (duration != 0 && duration < kShortest) {
      throw invalid(fmt::format("{} in Healthcheck cannot be less than 1ms", name));
    }
  };
  refuse_short(check.interval, "Interval");
  refuse_short(check.timeout, "Timeout");
  refuse_short(check.start_period, "StartPeriod");
  refuse_short(check.start_interval, "StartInterval");
  if (check.retries < 0) throw invalid("Retries in Healthcheck cannot be negative");
}

void merge_environment(std::vector<std::string>& mine, const std::vector<std::string>& images) {
  std::vector<std::string> merged = mine;
  for (const std::string& variable : images) {
    const std::string name = variable.substr(0, variable.find('=') + 1);
    const bool is_set = std::any_of(mine.begin(), mine.end(),
                                    [&](const std::string& own) { return own.starts_with(name) || own + "=" == name; });
    if (!is_set) merged.push_back(variable);
  }
  // A name alone takes the variable away.
  std::erase_if(merged, [](const std::string& variable) { return variable.find('=') == std::string::npos; });
  mine = std::move(merged);
}

void merge_command(ContainerConfig& config, const ContainerConfig& image) {
  const bool resets_entrypoint =
      config.entrypoint && config.entrypoint->size() == 1 && config.entrypoint->front().empty();
  if (!config.entrypoint || config.entrypoint->empty()) {
    if (config.cmd.empty()) config.cmd = image.cmd;
    config.entrypoint = image.entrypoint;
  }
  if (resets_entrypoint) config.entrypoint.reset();
}

void merge_healthcheck(ContainerConfig& config, const Healthcheck& image) {
  if (!config.healthcheck) {
    config.healthcheck = image;
    return;
  }
  Healthcheck& mine = *config.healthcheck;
  if (mine.test.empty()) mine.test = image.test;
  const auto inherit = [](std::int64_t& member, std::int64_t of_image) {
    if (member == 0) member = of_image;
  };
  inherit(mine.interval, image.interval);
  inherit(mine.timeout, image.timeout);
  inherit(mine.start_period, image.start_period);
  inherit(mine.start_interval, image.start_interval);
  inherit(mine.retries, image.retries);
}

}  // namespace

bool is_valid_name(std::string_view name) {
  return name.size() >= 2 && std::isalnum(static_cast<unsigned char>(name[0])) != 0 &&
         std::all_of(name.begin(), name.end(), is_word);
}

void validate(const ContainerConfig& config, const HostConfig& host_config) {
  if (config.image.empty()) throw invalid("no command specified");
  for (const std::string& variable : config.env) {
    if (variable.empty() || variable.front() == '=') {
      throw invalid("invalid environment variable: " + variable);
    }
  }
  if (!config.working_dir.empty() && config.working_dir.front() != '/') {
    throw invalid(
        fmt::format("the working directory '{}' is invalid, it needs to be an absolute path", config.working_dir));
  }
  if (!config.stop_signal.empty()) parse_signal(config.stop_signal);
  if (config.healthcheck) validate_healthcheck(*config.healthcheck);
  for (const auto& [port, nothing] : config.exposed_ports) validate_port(port);
  validate_bindings(host_config);
  validate(host_config.restart_policy, host_config.auto_remove);
  validate_log_driver(host_config.log_config);
  validate_extra_hosts(host_config.extra_hosts);
  if (host_config.memory != 0 && host_config.memory < kMinimumMemory) {
    throw invalid("Minimum memory limit allowed is 6MB");
  }
  if (!host_config.runtime.empty() && host_config.runtime != "runc") {
    throw invalid("unknown or invalid runtime name: " + host_config.runtime);
  }
}

ContainerConfig merge(ContainerConfig config, const ImageRecord& image) {
  const ContainerConfig& below = image.config;
  merge_command(config, below);
  merge_environment(config.env, below.env);
  if (config.user.empty()) config.user = below.user;
  if (config.working_dir.empty()) config.working_dir = below.working_dir;
  if (config.stop_signal.empty()) config.stop_signal = below.stop_signal;
  if (config.shell.empty()) config.shell = below.shell;
  config.exposed_ports.insert(below.exposed_ports.begin(), below.exposed_ports.end());
  config.volumes.insert(below.volumes.begin(), below.volumes.end());
  config.labels.insert(below.labels.begin(), below.labels.end());
  if (below.healthcheck) merge_healthcheck(config, *below.healthcheck);
  const bool has_entrypoint = config.entrypoint && !config.entrypoint->empty();
  if (config.cmd.empty() && !has_entrypoint) {
    throw invalid(image.synthetic ? fmt::format("no command specified: the configuration of {} is not known, "
                                                "because its registry could not be asked; give a command, or "
                                                "pull the image again",
                                                config.image)
                                  : "no command specified");
  }
  return config;
}

HostConfig with_defaults(HostConfig host_config) {
  if (host_config.network_mode.empty()) host_config.network_mode = "default";
  // Clients refuse to show the logs of other drivers (docker-py, Compose).
  host_config.log_config.type = "json-file";
  if (host_config.shm_size == 0) host_config.shm_size = kDefaultShmSize;
  if (host_config.ipc_mode.empty()) host_config.ipc_mode = "private";
  if (host_config.cgroupns_mode.empty()) host_config.cgroupns_mode = "private";
  if (host_config.runtime.empty()) host_config.runtime = "runc";
  if (host_config.memory_swappiness == -1) host_config.memory_swappiness.reset();
  if (host_config.memory > 0 && host_config.memory_swap == 0) {
    host_config.memory_swap = 2 * host_config.memory;
  }
  return host_config;
}

std::string generate_name() {
  constexpr std::array<std::string_view, 32> kQualities{
      "amber", "bold",   "brisk",  "calm",  "clear", "cosy",  "deft",  "eager", "early", "fair", "fleet",
      "fond",  "gentle", "golden", "happy", "keen",  "kind",  "lucid", "merry", "mild",  "neat", "noble",
      "quick", "quiet",  "rapid",  "ready", "solid", "sunny", "swift", "tidy",  "vivid", "warm"};
  constexpr std::array<std::string_view, 32> kThings{
      "anchor", "basin",   "beacon",  "bridge", "canyon", "cedar",  "comet",   "coral",  "delta",  "ember",  "fjord",
      "forest", "garden",  "glacier", "harbor", "island", "lagoon", "lantern", "maple",  "meadow", "meteor", "orchard",
      "pebble", "prairie", "quarry",  "ridge",  "river",  "signal", "summit",  "tundra", "valley", "willow"};
  thread_local std::mt19937 random{std::random_device{}()};
  std::uniform_int_distribution<std::size_t> pick(0, kQualities.size() - 1);
  return fmt::format("{}_{}", kQualities[pick(random)], kThings[pick(random)]);
}

}  // namespace sockerless::core
