#pragma once

#include "aws/client.h"
#include "aws/ecs_types.h"

namespace sockerless::aws {

inline constexpr Service kEcs{"ECS", "ecs", "ecs", "AmazonEC2ContainerServiceV20141113", "ECS"};

// The calls of Amazon ECS that the project uses. See Client for what they throw; `failures` in an
// answer is left to the caller.
class Ecs {
 public:
  explicit Ecs(Client& client) : client_(client) {}

  // Not repeated after a lost answer: each repetition would leave a revision behind.
  Awaitable<RegisterTaskDefinitionResponse> register_task_definition(RegisterTaskDefinitionRequest request);
  Awaitable<DescribeTaskDefinitionResponse> describe_task_definition(DescribeTaskDefinitionRequest request);
  Awaitable<ListTaskDefinitionFamiliesResponse> list_task_definition_families(
      ListTaskDefinitionFamiliesRequest request);
  Awaitable<ListTaskDefinitionsResponse> list_task_definitions(ListTaskDefinitionsRequest request);
  Awaitable<DeregisterTaskDefinitionResponse> deregister_task_definition(DeregisterTaskDefinitionRequest request);
  // The request must carry a client token, which makes a repetition harmless.
  Awaitable<RunTaskResponse> run_task(RunTaskRequest request);
  Awaitable<StopTaskResponse> stop_task(StopTaskRequest request);
  Awaitable<DescribeTasksResponse> describe_tasks(DescribeTasksRequest request);
  Awaitable<ListTasksResponse> list_tasks(ListTasksRequest request);
  Awaitable<DescribeClustersResponse> describe_clusters(DescribeClustersRequest request);
  Awaitable<CreateClusterResponse> create_cluster(CreateClusterRequest request);
  Awaitable<TagResourceResponse> tag_resource(TagResourceRequest request);

 private:
  Client& client_;
};

}  // namespace sockerless::aws
