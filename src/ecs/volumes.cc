#include "ecs/volumes.h"

#include <fmt/format.h>

#include "base/error.h"

namespace sockerless::ecs {
namespace {

class Builder {
 public:
  void add(const std::string& destination, bool read_only) {
    const std::string name = fmt::format("volume-{}", result_.volumes.size());
    result_.volumes.push_back({.name = name, .host = aws::HostVolume{}});
    result_.mount_points.push_back({name, destination, read_only});
  }

  TaskVolumes take() { return std::move(result_); }

 private:
  TaskVolumes result_;
};

bool is_read_only(const std::string& options) { return ("," + options + ",").find(",ro,") != std::string::npos; }

}  // namespace

TaskVolumes task_volumes(const core::Container& container) {
  Builder builder;
  for (const core::MountPoint& mount : container.mounts) {
    // A volume is a folder. What is copied into one must be writable until it is there.
    if (mount.copied && mount.is_file) continue;
    builder.add(mount.destination, !mount.read_write && !mount.copied);
  }
  for (const auto& [destination, options] : container.host_config.tmpfs) {
    builder.add(destination, is_read_only(options));
  }
  return builder.take();
}

}  // namespace sockerless::ecs
