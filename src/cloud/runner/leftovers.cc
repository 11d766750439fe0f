#include "cloud/runner/leftovers.h"

#include <filesystem>
#include <system_error>

#include "base/log.h"
#include "cloud/runner/overlay.h"
#include "cloud/runner/process.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

const Logger log("runner");

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

}  // namespace sockerless::cloud
