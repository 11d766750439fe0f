#include <algorithm>

#include "cloud/ecs_api/operations.h"
#include "cloud/front/api_error.h"
#include "cloud/front/paging.h"

namespace sockerless::cloud::ecs {
namespace {

// With the numbers of its tasks as they are now.
Cluster counted(EcsApi& api, Cluster cluster) {
  for (const auto& [key, run] : api.tasks.all()) {
    const Task& task = run->task();
    if (task.cluster_arn != cluster.arn || run->has_stopped()) continue;
    ++(task.started_at != 0 ? cluster.running_tasks : cluster.pending_tasks);
  }
  return cluster;
}

ClusterResponse create_cluster(EcsApi& api, CreateClusterRequest request) {
  return {counted(api, api.clusters.create(std::move(request)))};
}

ClusterResponse delete_cluster(EcsApi& api, DeleteClusterRequest request) {
  if (request.cluster.empty()) throw invalid_parameter("Cluster cannot be empty.");
  const Cluster cluster = counted(api, api.clusters.get(request.cluster));
  if (cluster.running_tasks + cluster.pending_tasks > 0) {
    throw ApiError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.");
  }
  return {api.clusters.remove(request.cluster)};
}

DescribeClustersResponse describe_clusters(EcsApi& api, DescribeClustersRequest request) {
  if (request.clusters.size() > 100) {
    throw invalid_parameter("Clusters can have at most 100 items.");
  }
  if (request.clusters.empty()) request.clusters = {"default"};
  const auto asks_for = [&](std::string_view what) {
    return std::find(request.include.begin(), request.include.end(), what) != request.include.end();
  };
  DescribeClustersResponse response;
  for (const std::string& reference : request.clusters) {
    const Cluster* found = api.clusters.find(reference);
    if (found == nullptr) {
      const bool is_arn = reference.compare(0, 4, "arn:") == 0;
      response.failures.push_back({is_arn ? reference : api.clusters.arn_of(reference), "MISSING", ""});
      continue;
    }
    Cluster cluster = counted(api, *found);
    if (!asks_for("TAGS")) cluster.tags.clear();
    if (!asks_for("SETTINGS")) cluster.settings.clear();
    if (!asks_for("CONFIGURATIONS")) cluster.configuration = nullptr;
    response.clusters.push_back(std::move(cluster));
  }
  return response;
}

ListClustersResponse list_clusters(EcsApi& api, ListClustersRequest request) {
  std::vector<std::string> arns;
  for (const auto& [name, cluster] : api.clusters.all()) {
    if (cluster.status == "ACTIVE") arns.push_back(cluster.arn);
  }
  Page page = page_of(arns, request.next_token, page_size(request.max_results));
  return {std::move(page.items), std::move(page.next_token)};
}

}  // namespace

void add_cluster_operations(Service& service, EcsApi& api) {
  service.add("CreateCluster", api, create_cluster);
  service.add("DeleteCluster", api, delete_cluster);
  service.add("DescribeClusters", api, describe_clusters);
  service.add("ListClusters", api, list_clusters);
}

}  // namespace sockerless::cloud::ecs
