#include "core/binds.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/error.h"

namespace sockerless::core {
namespace {

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

std::filesystem::file_status status_of(const std::string& path) {
  std::error_code failure;
  return std::filesystem::status(path, failure);
}

}  // namespace

BindPolicy parse_bind_policy(std::string_view text) {
  if (text == "empty") return BindPolicy::empty;
  if (text == "copy") return BindPolicy::copy;
  if (text == "refuse") return BindPolicy::refuse;
  throw invalid(fmt::format("\"{}\" is not empty, copy or refuse", text));
}

void check_bind(const MountPoint& mount, BindPolicy policy) {
  // A wish for this daemon, which neither an empty folder nor a copy would grant.
  if (mount.source.ends_with("docker.sock")) {
    throw invalid(
        fmt::format("{} cannot be mounted: the task does not run on this host; let the container reach "
                    "the daemon over TCP instead (--listen tcp://…, DOCKER_HOST in the container)",
                    mount.source));
  }
  if (policy == BindPolicy::refuse) {
    throw invalid(
        fmt::format("{} cannot be bound to {}: the task does not run on this host; copy the files into the "
                    "container (docker cp) or set SOCKERLESS_BINDS=copy",
                    mount.source, mount.destination));
  }
  if (policy == BindPolicy::copy && std::filesystem::is_other(status_of(mount.source))) {
    throw invalid(
        fmt::format("{} cannot be bound to {}: it is neither a file nor a folder, and the task does not run "
                    "on this host",
                    mount.source, mount.destination));
  }
}

std::string take_bind(MountPoint& mount, BindPolicy policy) {
  mount.copied = mount.is_file = false;  // of another container's mount that is inherited
  if (policy != BindPolicy::copy) {
    return fmt::format("{} is an empty folder in the container: {} of this host is not in the task", mount.destination,
                       mount.source);
  }
  const auto status = status_of(mount.source);
  if (!std::filesystem::exists(status)) {
    return fmt::format("{} is an empty folder in the container: there is no {} on this host", mount.destination,
                       mount.source);
  }
  mount.copied = true;
  mount.is_file = !std::filesystem::is_directory(status);
  return fmt::format("{} is a copy of {}, made at every start: what the container writes there stays in the task{}",
                     mount.destination, mount.source, mount.read_write ? "" : ", and it can write there");
}

}  // namespace sockerless::core
