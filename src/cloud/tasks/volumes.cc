#include "cloud/tasks/volumes.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

InitializationError efs_error(const std::string& standard_error, int code) {
  return InitializationError(
      fmt::format("failed to invoke EFS utils commands to set up EFS volumes: stderr: {} : unsuccessful EFS "
                  "utils command execution; code: {}",
                  standard_error, code));
}

bool is_below(const fs::path& path, const fs::path& root) {
  const auto mismatch = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return mismatch.first == root.end();
}

}  // namespace

void TaskVolumes::prepare(const ecs::TaskDefinition& definition) {
  for (const ecs::Volume& volume : definition.volumes) {
    if (volume.efs) {
      sources_[volume.name] = resolve(*volume.efs);
      continue;
    }
    // Numbered, because a volume may have any name.
    const fs::path source = fs::path(folder_) / "volumes" / std::to_string(sources_.size());
    fs::create_directories(source);
    sources_[volume.name] = source.string();
  }
}

std::string TaskVolumes::resolve(const ecs::EfsVolume& efs) const {
  if (efs.authorization_config && !efs.authorization_config->access_point_id.empty()) {
    throw efs_error(fmt::format("access point {} does not exist", efs.authorization_config->access_point_id), 1);
  }
  const auto known = file_systems_.find(efs.file_system_id);
  std::error_code error;
  const fs::path root = known == file_systems_.end() ? fs::path() : fs::canonical(known->second, error);
  if (root.empty() || error) {
    throw efs_error(fmt::format("Failed to resolve \"{}.efs.{}.amazonaws.com\" - check that your "
                                "file system ID is correct, and ensure that the VPC has an EFS "
                                "mount target for this file system ID.",
                                efs.file_system_id, region_),
                    1);
  }
  const fs::path wanted = fs::path("/" + efs.root_directory).lexically_normal().relative_path();
  const fs::path folder = fs::canonical(root / wanted, error);
  if (error || !is_below(folder, root) || !fs::is_directory(folder)) {
    throw efs_error(fmt::format("mount.nfs4: mounting {}.efs.{}.amazonaws.com:{} failed, reason given by "
                                "server: No such file or directory",
                                efs.file_system_id, region_, efs.root_directory),
                    32);
  }
  return folder.string();
}

std::vector<Mount> TaskVolumes::mounts_of(const ecs::ContainerDefinition& container,
                                          const ecs::TaskDefinition& definition) const {
  std::vector<Mount> mounts;
  for (const ecs::MountPoint& point : container.mount_points) {
    mounts.push_back({sources_.at(point.source_volume), point.container_path, point.read_only.value_or(false)});
  }
  for (const ecs::VolumeFrom& from : container.volumes_from) {
    for (const ecs::ContainerDefinition& other : definition.containers) {
      if (other.name != from.source_container) continue;
      for (const ecs::MountPoint& point : other.mount_points) {
        mounts.push_back({sources_.at(point.source_volume), point.container_path,
                          from.read_only.value_or(false) || point.read_only.value_or(false)});
      }
    }
  }
  return mounts;
}

}  // namespace sockerless::cloud
