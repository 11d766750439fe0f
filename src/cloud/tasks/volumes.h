#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "cloud/ecs_api/types/task_definition.h"
#include "cloud/runner/runner.h"

namespace sockerless::cloud {

// A task could not be made ready; what() is Fargate's stoppedReason.
class InitializationError : public Error {
 public:
  explicit InitializationError(const std::string& message)
      : Error(ErrorKind::unavailable, "ResourceInitializationError: " + message) {}
};

// The folders behind a task's volumes: `host` volumes are folders of the task, made empty and
// shared by its containers; EFS volumes are folders of the machine by the id of the file system.
class TaskVolumes {
 public:
  // `folder` is the task's own and need not exist.
  TaskVolumes(std::string folder, const std::map<std::string, std::string>& file_systems, std::string region)
      : folder_(std::move(folder)), file_systems_(file_systems), region_(std::move(region)) {}

  // Makes and finds the folders. Throws InitializationError for a file system that can't be used.
  void prepare(const ecs::TaskDefinition& definition);

  // What the container mounts itself and through volumesFrom.
  std::vector<Mount> mounts_of(const ecs::ContainerDefinition& container, const ecs::TaskDefinition& definition) const;

  const std::string& folder() const { return folder_; }

 private:
  std::string resolve(const ecs::EfsVolume& efs) const;

  std::string folder_;
  const std::map<std::string, std::string>& file_systems_;
  std::string region_;
  std::map<std::string, std::string> sources_;  // volume name → folder
};

}  // namespace sockerless::cloud
