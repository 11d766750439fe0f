#include "core/volumes.h"

#include <fmt/format.h>

#include "base/id.h"
#include "core/container_create.h"

namespace sockerless::core {
namespace {

constexpr const char* kTable = "volumes";

bool is_valid_volume_name(std::string_view name) { return is_valid_name(name); }

void validate(const VolumeRecord& wanted) {
  if (wanted.driver != "local") {
    throw Error(ErrorKind::not_found, fmt::format("create {0}: error looking up volume plugin {1}: plugin \"{1}\" not "
                                                  "found",
                                                  wanted.name, wanted.driver));
  }
  if (wanted.name.size() == 1) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("create {}: volume name is too short, names should be at least two alphanumeric "
                            "characters",
                            wanted.name));
  }
  if (!is_valid_volume_name(wanted.name)) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("create {0}: \"{0}\" includes invalid characters for a local volume name, only "
                            "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use "
                            "absolute path",
                            wanted.name));
  }
  for (const auto& [option, value] : wanted.options) {
    if (option == "type" || option == "o" || option == "device" || option == "size") continue;
    throw Error(ErrorKind::invalid_argument, fmt::format("create {}: invalid option: \"{}\"", wanted.name, option));
  }
}

}  // namespace

std::string volume_path(std::string_view name) { return fmt::format("/var/lib/docker/volumes/{}/_data", name); }

Volumes::Volumes(Executor executor, Clock& clock, Store& store, Events& events, const ContainerTable& containers)
    : clock_(clock), store_(store), events_(events), containers_(containers), tasks_(std::move(executor)) {}

void Volumes::recover() {
  for (auto& [name, document] : store_.load(kTable)) {
    by_name_[name] = read_row<VolumeRecord>(kTable, name, document);
  }
}

Awaitable<VolumeRecord> Volumes::create(VolumeRecord wanted) {
  if (wanted.driver.empty() || wanted.driver == "default") wanted.driver = "local";
  if (wanted.name.empty()) {
    wanted.name = random_hex(32);
    wanted.anonymous = true;
    wanted.labels["com.docker.volume.anonymous"];
  }
  validate(wanted);
  if (const auto known = by_name_.find(wanted.name); known != by_name_.end()) co_return known->second;
  wanted.created_at = clock_.now().time_since_epoch().count();
  // Claimed before it is written: a second create finds it.
  by_name_[wanted.name] = wanted;
  try {
    co_await store_.put(kTable, wanted.name, json::to_text(wanted), Durability::relaxed);
  } catch (const Error&) {
    by_name_.erase(wanted.name);
    throw;
  }
  events_.publish({"volume", "create", wanted.name, {{"driver", wanted.driver}}, {}});
  co_return wanted;
}

VolumeRecord Volumes::get(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    throw Error(ErrorKind::not_found, fmt::format("get {}: no such volume", name));
  }
  return found->second;
}

std::vector<VolumeRecord> Volumes::all() const {
  std::vector<VolumeRecord> volumes;
  volumes.reserve(by_name_.size());
  for (const auto& [name, volume] : by_name_) volumes.push_back(volume);
  return volumes;
}

std::vector<std::string> Volumes::users_of(std::string_view name) const {
  std::vector<std::string> users;
  for (const EntryPointer& entry : containers_.all()) {
    const auto& mounts = entry->record.mounts;
    const bool uses = std::any_of(mounts.begin(), mounts.end(), [&](const MountPoint& mount) {
      return mount.type == "volume" && mount.name == name;
    });
    if (uses) users.push_back(entry->record.id);
  }
  return users;
}

std::map<std::string, int> Volumes::use_counts() const {
  std::map<std::string, int> counts;
  for (const EntryPointer& entry : containers_.all()) {
    for (const MountPoint& mount : entry->record.mounts) {
      if (mount.type == "volume") ++counts[mount.name];
    }
  }
  return counts;
}

Awaitable<void> Volumes::remove(std::string name, bool force) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    if (force) co_return;
    get(name);
  }
  if (const auto users = users_of(name); !users.empty()) {
    throw Error(ErrorKind::conflict, fmt::format("remove {}: volume is in use - [{}]", name, fmt::join(users, ", ")));
  }
  const VolumeRecord volume = found->second;
  by_name_.erase(found);  // at once: nobody mounts it meanwhile
  try {
    co_await store_.erase(kTable, name);
  } catch (const Error&) {
    by_name_.try_emplace(name, volume);
    throw;
  }
  events_.publish({"volume", "destroy", name, {{"driver", volume.driver}}, {}});
}

Awaitable<std::vector<std::string>> Volumes::prune(std::function<bool(const VolumeRecord&)> is_selected) {
  std::vector<std::string> removed;
  const auto counts = use_counts();
  for (const VolumeRecord& volume : all()) {
    if (counts.contains(volume.name) || !is_selected(volume)) continue;
    // A container may have been created since.
    if (!users_of(volume.name).empty()) continue;
    co_await remove(volume.name, true);
    removed.push_back(volume.name);
  }
  events_.publish({"volume", "prune", "", {{"reclaimed", "0"}}, {}});
  co_return removed;
}

Awaitable<void> Volumes::remove_anonymous_of(Container container) {
  for (const MountPoint& mount : container.mounts) {
    if (mount.type != "volume" || !mount.anonymous || !users_of(mount.name).empty()) continue;
    co_await remove(mount.name, true);
  }
}

void Volumes::note_mount(const MountPoint& mount, const std::string& container_id, bool is_mounted) {
  if (mount.type != "volume") return;
  std::map<std::string, std::string> attributes{{"container", container_id}, {"driver", mount.driver}};
  if (is_mounted) {
    attributes["destination"] = mount.destination;
    attributes["propagation"] = mount.propagation;
    attributes["read/write"] = mount.read_write ? "true" : "false";
  }
  events_.publish({"volume", is_mounted ? "mount" : "unmount", mount.name, std::move(attributes), {}});
}

void Volumes::container_started(const EntryPointer& entry) {
  for (const MountPoint& mount : entry->record.mounts) note_mount(mount, entry->record.id, true);
}

void Volumes::container_ended(const EntryPointer& entry) {
  for (const MountPoint& mount : entry->record.mounts) note_mount(mount, entry->record.id, false);
}

void Volumes::container_removed(const Container& record) {
  if (record.host_config.auto_remove) tasks_.spawn("remove anonymous volumes", remove_anonymous_of(record));
}

}  // namespace sockerless::core
