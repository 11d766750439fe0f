#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/task_group.h"
#include "core/container_observer.h"
#include "core/events.h"
#include "core/store.h"

namespace sockerless::core {

struct VolumeRecord {
  std::string name;
  std::string driver = "local";
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> options;
  std::int64_t created_at = 0;  // nanoseconds since the epoch
  bool anonymous = false;       // made for a container that named none

  static constexpr auto fields() {
    using V = VolumeRecord;
    using json::field;
    return std::tuple{
        field("name", &V::name),       field("driver", &V::driver),         field("labels", &V::labels),
        field("options", &V::options), field("created_at", &V::created_at), field("anonymous", &V::anonymous)};
  }
};

// Where Docker would keep the volume; nothing is there.
std::string volume_path(std::string_view name);

// The volumes of a Docker daemon, as records: each container that mounts one gets an empty folder of
// its task. Lives on the daemon's loop.
class Volumes final : public ContainerObserver {
 public:
  Volumes(Executor executor, Clock& clock, Store& store, Events& events, const ContainerTable& containers);

  void recover();

  // Returns what is there already under the name; an empty name gives an anonymous one. Throws
  // Error(invalid_argument) for a bad name, Error(not_found) for a driver that there is not.
  Awaitable<VolumeRecord> create(VolumeRecord wanted);

  VolumeRecord get(std::string_view name) const;  // throws Error(not_found)
  std::vector<VolumeRecord> all() const;          // by name

  // The ids of the containers that mount it.
  std::vector<std::string> users_of(std::string_view name) const;
  // How many containers mount each volume, for those that somebody mounts.
  std::map<std::string, int> use_counts() const;

  // Throws Error(not_found) without force, Error(conflict) if a container mounts it.
  Awaitable<void> remove(std::string name, bool force);
  // Removes those that are selected and that no container mounts; returns their names.
  Awaitable<std::vector<std::string>> prune(std::function<bool(const VolumeRecord&)> is_selected);
  // The anonymous volumes of a container that is gone.
  Awaitable<void> remove_anonymous_of(Container container);

  void note_mount(const MountPoint& mount, const std::string& container_id, bool is_mounted);

  // ContainerObserver
  void container_started(const EntryPointer& entry) override;
  void container_ended(const EntryPointer& entry) override;
  void container_removed(const Container& record) override;

  Awaitable<void> shut_down() { return tasks_.join(); }

 private:
  Clock& clock_;
  Store& store_;
  Events& events_;
  const ContainerTable& containers_;
  std::map<std::string, VolumeRecord, std::less<>> by_name_;
  TaskGroup tasks_;
};

}  // namespace sockerless::core
