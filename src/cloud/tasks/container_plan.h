#pragma once

#include <string>
#include <vector>

#include "cloud/ecs_api/types/task.h"
#include "cloud/front/identity.h"
#include "cloud/runner/runner.h"

namespace sockerless::cloud {

// Everything that decides how one container of a task is started.
struct ContainerPlan {
  std::string id;
  ecs::ContainerDefinition definition;
  ecs::ContainerOverride override_;    // empty without one
  std::vector<ecs::KeyValue> secrets;  // names and values
  Image image;
  Network network;
  std::vector<Mount> mounts;
  int task_cpu_units = 0;
  int task_memory_mib = 0;
  std::string region;
  std::string credentials_path;  // of the task's role; empty: it has none
};

// What the task's images must be made for, amd64 or arm64: `machine` unless the definition says.
std::string image_architecture(const ecs::TaskDefinition& definition, const std::string& machine);

// "ip-10-0-0-1.eu-west-1.compute.internal", in us-east-1 "ip-10-0-0-1.ec2.internal".
std::string private_dns_name(const std::string& address, const std::string& region);

// Entry point, command, environment and limits as Fargate resolves them: an override beats the
// definition, the definition beats the image, and an entry point in the definition drops the
// image's command. Throws StartError if there is nothing to run.
ContainerSpec plan_container(ContainerPlan plan);

// "SIGTERM", "TERM", "15" → 15; the fallback for "" and for what is no signal.
int parse_stop_signal(const std::string& text, int fallback);

}  // namespace sockerless::cloud
