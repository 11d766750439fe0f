// The part of Containers that takes mounts for a new container, and changes or removes what is there.
#include <fmt/format.h>

#include "base/rollback.h"
#include "core/container_create.h"
#include "core/containers.h"
#include "core/errors.h"

namespace sockerless::core {
namespace {

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

template <typename T>
bool take(T& into, const T& wanted) {
  if (wanted == T{} || wanted == into) return false;
  into = wanted;
  return true;
}

// The limits that a task definition has; the others are kept for inspect only.
bool take_limits(HostConfig& into, const Resources& wanted) {
  const bool other_memory = take(into.memory, wanted.memory);
  const bool other_cpu = take(into.nano_cpus, wanted.nano_cpus);
  take(into.cpu_shares, wanted.cpu_shares);
  take(into.cpu_period, wanted.cpu_period);
  take(into.cpu_quota, wanted.cpu_quota);
  take(into.cpu_realtime_period, wanted.cpu_realtime_period);
  take(into.cpu_realtime_runtime, wanted.cpu_realtime_runtime);
  take(into.cpuset_cpus, wanted.cpuset_cpus);
  take(into.cpuset_mems, wanted.cpuset_mems);
  take(into.memory_reservation, wanted.memory_reservation);
  take(into.memory_swap, wanted.memory_swap);
  take(into.blkio_weight, wanted.blkio_weight);
  take(into.pids_limit, wanted.pids_limit);
  return other_memory || other_cpu;
}

// moby's sentences.
void check_update(const HostConfig& now, const ContainerUpdate& update) {
  const Resources& wanted = update.resources;
  if (wanted.nano_cpus > 0 && (now.cpu_quota > 0 || now.cpu_period > 0)) {
    throw invalid("Conflicting options: Nano CPUs cannot be updated as CPU Period/Quota has already been set");
  }
  if (wanted.cpu_quota > 0 && now.nano_cpus > 0) {
    throw invalid("Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set");
  }
  if (wanted.memory != 0 && wanted.memory_swap == 0 && now.memory_swap > 0 && wanted.memory > now.memory_swap) {
    throw invalid(
        "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
  }
  if (update.restart_policy && now.auto_remove && !update.restart_policy->name.empty() &&
      update.restart_policy->name != "no") {
    throw invalid("Restart policy cannot be updated because AutoRemove is enabled for the container");
  }
}

}  // namespace

Awaitable<std::vector<MountPoint>> Containers::take_mounts(Container record, std::shared_ptr<CreateResult> result) {
  std::vector<MountPoint> mounts;
  const auto planned =
      plan_mounts(record.config, record.host_config, [this](const std::string& reference) { return get(reference); });
  for (const PlannedMount& mount : planned) {
    if (mount.point.type == "bind") check_bind(mount.point, settings_.binds);
  }
  for (PlannedMount mount : planned) {
    if (mount.point.type == "bind") {
      result->warnings.push_back(take_bind(mount.point, settings_.binds));
    } else if (mount.point.type == "volume") {
      const auto users = mount.point.name.empty() ? std::vector<std::string>() : volumes_.users_of(mount.point.name);
      if (!users.empty()) {
        result->warnings.push_back(
            fmt::format("{} is an empty folder in the container: the task does not share volume {} with container {}",
                        mount.point.destination, mount.point.name, users.front().substr(0, 12)));
      }
      const VolumeRecord volume = co_await volumes_.create({.name = mount.point.name,
                                                            .driver = mount.driver.name,
                                                            .labels = mount.volume_labels,
                                                            .options = mount.driver.options});
      mount.point.name = volume.name;
      mount.point.source = volume_path(volume.name);
    }
    mounts.push_back(std::move(mount.point));
  }
  co_return mounts;
}

Awaitable<void> Containers::remove(std::string reference, bool force, bool volumes) {
  const EntryPointer entry = lifecycle_.table().get(reference);
  co_await lifecycle_.remove(entry, force);
  if (volumes) co_await lifecycle_.to_the_end("remove volumes", volumes_.remove_anonymous_of(entry->record));
}

Awaitable<std::vector<std::string>> Containers::update(std::string reference, ContainerUpdate update) {
  const EntryPointer entry = lifecycle_.table().get(reference);
  if (entry->record.state.status == Status::removing) {
    throw Error(ErrorKind::conflict, fmt::format("Cannot update container {}: Container is marked for removal and "
                                                 "cannot be \"update\".",
                                                 entry->record.id));
  }
  HostConfig after = entry->record.host_config;
  try {
    check_update(after, update);
  } catch (const Error& error) {
    throw invalid(fmt::format("Cannot update container {}: {}", entry->record.id, error.what()));
  }
  if (update.restart_policy && !update.restart_policy->name.empty()) after.restart_policy = *update.restart_policy;
  take_limits(after, update.resources);
  validate(entry->record.config, after);
  auto warnings = std::make_shared<std::vector<std::string>>();
  co_await lifecycle_.to_the_end("update container", run_update(entry, std::move(update), warnings));
  co_return std::move(*warnings);
}

// The task has its size from its definition: other limits are another definition.
Awaitable<void> Containers::run_update(EntryPointer entry, ContainerUpdate update,
                                       std::shared_ptr<std::vector<std::string>> warnings) {
  Container changed = entry->record;
  const bool other_size = take_limits(changed.host_config, update.resources);
  std::string superseded;
  if (other_size) {
    const Registration registration = co_await services_.backend.register_container(changed);
    if (entry->removed) {
      co_await services_.janitor.deregister(registration.definition);
      throw no_such_container(entry->record.id);
    }
    superseded = std::exchange(entry->record.definition, registration.definition);
    if (entry->record.state.is_up()) {
      warnings->emplace_back("the new limits take effect with the next start: a running task keeps its size");
    }
  }
  take_limits(entry->record.host_config, update.resources);
  if (update.restart_policy && !update.restart_policy->name.empty()) {
    entry->record.host_config.restart_policy = *update.restart_policy;
  }
  co_await lifecycle_.save(entry);
  if (!superseded.empty()) co_await services_.janitor.deregister(superseded);
  services_.events.publish(entry->record, "update");
}

Awaitable<std::vector<std::string>> Containers::prune(std::function<bool(const Container&)> is_selected) {
  std::vector<std::string> removed;
  for (const EntryPointer& entry : entries()) {
    const State& state = entry->record.state;
    if (entry->removed || state.is_up() || state.status == Status::removing || !is_selected(entry->record)) continue;
    try {
      co_await lifecycle_.remove(entry, false);
    } catch (const Error& error) {
      // It was started or removed by somebody else meanwhile.
      if (error.kind() != ErrorKind::conflict) throw;
      continue;
    }
    removed.push_back(entry->record.id);
  }
  services_.events.publish(DockerEvent{"container", "prune", "", {{"reclaimed", "0"}}, {}});
  co_return removed;
}

Awaitable<void> Containers::connect(std::string network, std::string reference, EndpointSettings endpoint) {
  const NetworkRecord record = networks_.get(network);
  const EntryPointer entry = lifecycle_.table().get(reference);
  networks_.connect(entry->record, record, std::move(endpoint));
  Rollback undo([&] {
    if (entry->record.networks.contains(record.name)) networks_.disconnect(entry->record, record);
  });
  co_await lifecycle_.save(entry);
  undo.dismiss();
  if (names_ != nullptr) names_->changed(entry);
}

Awaitable<void> Containers::disconnect(std::string network, std::string reference, bool force) {
  const NetworkRecord record = networks_.get(network);
  EntryPointer entry;
  try {
    entry = lifecycle_.table().get(reference);
  } catch (const Error& error) {
    if (!force || error.kind() != ErrorKind::not_found) throw;
  }
  if (!entry) co_return;
  networks_.disconnect(entry->record, record);
  co_await lifecycle_.save(entry);
  if (names_ != nullptr) names_->changed(entry, record.name);
}

}  // namespace sockerless::core
