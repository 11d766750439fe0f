#include "ecs/volumes.h"

#include <fmt/format.h>

#include <set>

#include "base/error.h"

namespace sockerless::ecs {
namespace {

// "source:destination[:options]"; a Linux path has no colon.
struct Bind {
  std::string source;
  std::string destination;
  bool read_only = false;
};

Bind parse_bind(const std::string& text) {
  const auto first = text.find(':');
  if (first == std::string::npos) return {"", text, false};
  const auto second = std::min(text.find(':', first + 1), text.size());
  Bind bind{text.substr(0, first), text.substr(first + 1, second - first - 1), false};
  const std::string options = second < text.size() ? text.substr(second + 1) : "";
  bind.read_only = ("," + options + ",").find(",ro,") != std::string::npos;
  return bind;
}

class Builder {
 public:
  void add(const Bind& bind) {
    if (bind.destination.empty() || bind.destination.front() != '/') {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("invalid volume specification: '{}': the mount path must be absolute", bind.destination));
    }
    if (bind.source.ends_with("docker.sock")) {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("{} cannot be mounted: the task does not run on this host; let the "
                              "container reach the daemon over TCP instead",
                              bind.source));
    }
    if (!destinations_.insert(bind.destination).second) {
      throw Error(ErrorKind::invalid_argument, fmt::format("Duplicate mount point: {}", bind.destination));
    }
    const std::string name = fmt::format("volume-{}", result_.volumes.size());
    result_.volumes.push_back({.name = name, .host = aws::HostVolume{}});
    result_.mount_points.push_back({name, bind.destination, bind.read_only});
    if (bind.source.starts_with('/')) {
      result_.warnings.push_back(fmt::format(
          "{} is an empty folder in the container: {} of this host is not in the task", bind.destination, bind.source));
    }
  }

  bool has(const std::string& destination) const { return destinations_.contains(destination); }
  TaskVolumes take() { return std::move(result_); }

 private:
  TaskVolumes result_;
  std::set<std::string> destinations_;
};

}  // namespace

TaskVolumes task_volumes(const core::Container& container) {
  Builder builder;
  for (const std::string& text : container.host_config.binds) builder.add(parse_bind(text));
  for (const core::MountRequest& mount : container.host_config.mounts) {
    if (mount.type != "bind" && mount.type != "volume" && mount.type != "tmpfs") {
      throw Error(ErrorKind::invalid_argument,
                  fmt::format("invalid mount config for type \"{}\": mount type unknown", mount.type));
    }
    builder.add({mount.source, mount.target, mount.read_only});
  }
  for (const auto& [destination, options] : container.host_config.tmpfs) {
    builder.add({"", destination, false});
  }
  for (const auto& [destination, nothing] : container.config.volumes) {
    if (!builder.has(destination)) builder.add({"", destination, false});
  }
  return builder.take();
}

}  // namespace sockerless::ecs
