#include "aws/ecs.h"

#include <stdexcept>

namespace sockerless::aws {

const TaskContainer* Task::find_container(std::string_view name) const {
  for (const TaskContainer& container : containers) {
    if (container.name == name) return &container;
  }
  return nullptr;
}

std::string Task::private_address() const {
  for (const TaskAttachment& attachment : attachments) {
    if (attachment.type != "ElasticNetworkInterface") continue;
    for (const AttachmentDetail& detail : attachment.details) {
      if (detail.name == "privateIPv4Address") return detail.value;
    }
  }
  // Spelled differently in containers, and there once they have begun.
  for (const TaskContainer& container : containers) {
    for (const TaskNetworkInterface& interface : container.network_interfaces) {
      if (!interface.private_ipv4_address.empty()) return interface.private_ipv4_address;
    }
  }
  return "";
}

Awaitable<RegisterTaskDefinitionResponse> Ecs::register_task_definition(RegisterTaskDefinitionRequest request) {
  return client_.call<RegisterTaskDefinitionResponse>(kEcs, "RegisterTaskDefinition", std::move(request),
                                                      Repeat::only_if_unsent);
}

Awaitable<DescribeTaskDefinitionResponse> Ecs::describe_task_definition(DescribeTaskDefinitionRequest request) {
  return client_.call<DescribeTaskDefinitionResponse>(kEcs, "DescribeTaskDefinition", std::move(request));
}

Awaitable<ListTaskDefinitionFamiliesResponse> Ecs::list_task_definition_families(
    ListTaskDefinitionFamiliesRequest request) {
  return client_.call<ListTaskDefinitionFamiliesResponse>(kEcs, "ListTaskDefinitionFamilies", std::move(request));
}

Awaitable<ListTaskDefinitionsResponse> Ecs::list_task_definitions(ListTaskDefinitionsRequest request) {
  return client_.call<ListTaskDefinitionsResponse>(kEcs, "ListTaskDefinitions", std::move(request));
}

Awaitable<DeregisterTaskDefinitionResponse> Ecs::deregister_task_definition(DeregisterTaskDefinitionRequest request) {
  return client_.call<DeregisterTaskDefinitionResponse>(kEcs, "DeregisterTaskDefinition", std::move(request));
}

Awaitable<RunTaskResponse> Ecs::run_task(RunTaskRequest request) {
  if (request.client_token.empty()) throw std::logic_error("RunTask without a client token");
  return client_.call<RunTaskResponse>(kEcs, "RunTask", std::move(request));
}

Awaitable<StopTaskResponse> Ecs::stop_task(StopTaskRequest request) {
  return client_.call<StopTaskResponse>(kEcs, "StopTask", std::move(request));
}

Awaitable<DescribeTasksResponse> Ecs::describe_tasks(DescribeTasksRequest request) {
  return client_.call<DescribeTasksResponse>(kEcs, "DescribeTasks", std::move(request));
}

Awaitable<ListTasksResponse> Ecs::list_tasks(ListTasksRequest request) {
  return client_.call<ListTasksResponse>(kEcs, "ListTasks", std::move(request));
}

Awaitable<DescribeClustersResponse> Ecs::describe_clusters(DescribeClustersRequest request) {
  return client_.call<DescribeClustersResponse>(kEcs, "DescribeClusters", std::move(request));
}

Awaitable<CreateClusterResponse> Ecs::create_cluster(CreateClusterRequest request) {
  return client_.call<CreateClusterResponse>(kEcs, "CreateCluster", std::move(request));
}

Awaitable<TagResourceResponse> Ecs::tag_resource(TagResourceRequest request) {
  return client_.call<TagResourceResponse>(kEcs, "TagResource", std::move(request));
}

}  // namespace sockerless::aws
