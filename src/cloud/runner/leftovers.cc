#include "cloud/runner/leftovers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <filesystem>
#include <set>
#include <system_error>

#include "base/log.h"
#include "cloud/runner/bridge.h"
#include "cloud/runner/netlink.h"
#include "cloud/runner/overlay.h"
#include "cloud/runner/process.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

const Logger log("runner");

constexpr const char* kLockFile = "/run/sockerless-cgroups.lock";

// While it is held no other cloud makes or removes groups of clouds.
Descriptor lock_groups() {
  Descriptor lock(::open(kLockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open() || ::flock(lock.get(), LOCK_EX) < 0) {
    throw std::system_error(errno, std::generic_category(), kLockFile);
  }
  return lock;
}

std::set<std::string> bridge_names() {
  std::set<std::string> names;
  for (const Netlink::Link& link : Netlink().links()) {
    if (is_bridge_name(link.name)) names.insert(link.name);
  }
  return names;
}

}  // namespace

void remove_leftovers(const std::string& folder, const std::string& networks_folder, const ContainerHost& host) {
  // First, or it would make a container while the others are being removed.
  kill_by_argument(host.runtime.state_folder());
  std::error_code error;
  for (const auto& container : fs::directory_iterator(host.containers_folder, error)) {
    const std::string id = container.path().filename().string();
    log.info("container removed", {{"container", id}});
    dismantle(id, host);
  }
  // The control group knows every process of every container, whatever became of the records.
  host.cgroups.remove(host.group);
  for (const std::string& target : mounts_below(folder)) unmount(target);
  for (const std::string& each : {host.containers_folder, networks_folder, host.runtime.state_folder()}) {
    fs::remove_all(each, error);
    if (error) log.warn("folder of an earlier process is left", {{"folder", each}, {"error", error.message()}});
  }
}

void claim_group(const ContainerHost& host) {
  const Descriptor lock = lock_groups();
  const std::set<std::string> bridges = bridge_names();
  for (const std::string& name : host.cgroups.below(kGroupOfClouds)) {
    if (bridges.count(bridge_name(name)) == 0) host.cgroups.remove_empty(fmt::format("{}/{}", kGroupOfClouds, name));
  }
  host.cgroups.make(host.group);
}

void release_group(const ContainerHost& host) {
  try {
    const Descriptor lock = lock_groups();
    host.cgroups.remove_empty(host.group);
    if (host.cgroups.below(kGroupOfClouds).empty()) host.cgroups.remove_empty(kGroupOfClouds);
  } catch (const std::system_error& error) {
    log.warn("control group is left behind", {{"group", host.group}, {"error", error.what()}});
  }
}

}  // namespace sockerless::cloud
