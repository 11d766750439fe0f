#include "cloud/runner/leftovers.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "cloud/images/descriptor.h"
#include "cloud/runner/overlay.h"
#include "cloud/runner/process.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

const Logger log("runner");

// One file for each cloud of the machine, which the cloud locks while it runs. A bridge would not do for a sign of
// life: clouds in network namespaces of their own share the control groups, but don't see each other's.
constexpr const char* kOwnersFolder = "/run/sockerless-clouds";

// While it is held no other cloud makes or removes groups of clouds.
Descriptor lock_groups() {
  fs::create_directories(kOwnersFolder);
  return lock_file(std::string(kOwnersFolder) + "/.lock", IfLocked::wait);
}

std::string owner_file(const std::string& name) { return fmt::format("{}/{}", kOwnersFolder, name); }

std::string name_of(const std::string& group) { return fs::path(group).filename().string(); }

// Whether the cloud that has made the group has ended. Nobody knows that of a group without a file.
bool has_lost_its_owner(const std::string& name) {
  return fs::exists(owner_file(name)) && lock_file(owner_file(name), IfLocked::give_up).is_open();
}

// With its file, unless a process is still in it: then the next cloud tries again.
void remove_group(const ContainerHost& host, const std::string& group) {
  host.cgroups.remove_empty(group);
  const std::vector<std::string> left = host.cgroups.below(kGroupOfClouds);
  if (std::find(left.begin(), left.end(), name_of(group)) != left.end()) return;
  std::error_code error;
  fs::remove(owner_file(name_of(group)), error);
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

Descriptor claim_group(const ContainerHost& host) {
  const Descriptor lock = lock_groups();
  for (const std::string& name : host.cgroups.below(kGroupOfClouds)) {
    const std::string group = fmt::format("{}/{}", kGroupOfClouds, name);
    if (group != host.group && has_lost_its_owner(name)) remove_group(host, group);
  }
  Descriptor claim = lock_file(owner_file(name_of(host.group)), IfLocked::give_up);
  if (!claim.is_open()) {
    throw Error(ErrorKind::conflict,
                fmt::format("another process runs containers in the control group {}", host.group));
  }
  host.cgroups.make(host.group);
  return claim;
}

void release_group(const ContainerHost& host) {
  try {
    const Descriptor lock = lock_groups();
    remove_group(host, host.group);
    if (host.cgroups.below(kGroupOfClouds).empty()) host.cgroups.remove_empty(kGroupOfClouds);
  } catch (const std::system_error& error) {
    log.warn("control group is left behind", {{"group", host.group}, {"error", error.what()}});
  }
}

}  // namespace sockerless::cloud
