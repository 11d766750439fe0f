#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cloud/ecs_api/clusters.h"
#include "cloud/ecs_api/run_task.h"
#include "cloud/ecs_api/task_definitions.h"
#include "cloud/faults/faults.h"
#include "cloud/front/identity.h"
#include "cloud/front/service.h"
#include "cloud/tasks/tasks.h"

namespace sockerless::cloud::ecs {

// What the operations work on. Must outlive the service.
struct EcsApi {
  Identity identity;
  Clock& clock;
  Clusters& clusters;
  TaskDefinitions& definitions;
  Tasks& tasks;
  Faults& faults;
  ClientTokens tokens;
};

void add_cluster_operations(Service& service, EcsApi& api);
void add_task_definition_operations(Service& service, EcsApi& api);
void add_task_operations(Service& service, EcsApi& api);
void add_tag_operations(Service& service, EcsApi& api);

// The task in the cluster, by id or ARN; null if there is none.
TaskRun* find_task(EcsApi& api, const Cluster& cluster, const std::string& reference);

// Every ECS operation that this cloud has.
Service make_service(EcsApi& api);

}  // namespace sockerless::cloud::ecs
