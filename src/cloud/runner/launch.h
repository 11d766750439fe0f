#pragma once

#include <sys/types.h>

#include <string>

#include "cloud/images/descriptor.h"
#include "cloud/runner/cgroup.h"
#include "cloud/runner/runner.h"
#include "cloud/runner/runtime.h"

namespace sockerless::cloud {

// Where containers live on this machine.
struct ContainerHost {
  std::string containers_folder;  // one folder per container
  std::string group;              // the cloud's control group, a path like "/sockerless/1a2b"
  Runtime runtime;
  Cgroups cgroups;

  std::string folder_of(const std::string& id) const { return containers_folder + "/" + id; }
  std::string group_of(const std::string& id) const { return group + "/" + id; }
};

struct Launched {
  pid_t pid = 0;
  Descriptor process;  // readable once it has ended
  Descriptor out;
  Descriptor error;
};

// Makes the root file system and starts the container. Blocks. Throws StartError; then nothing is
// left.
Launched launch(const ContainerSpec& spec, const ContainerHost& host);

// Kills what runs, unmounts, deletes. Blocks; goes as far as it can and logs what it could not do.
void dismantle(const std::string& id, const ContainerHost& host);

}  // namespace sockerless::cloud
