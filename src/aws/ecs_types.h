#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "aws/ecs_run_task.h"
#include "aws/ecs_task.h"
#include "aws/ecs_task_definition.h"
#include "aws/wire.h"

// Requests and answers of the other calls about tasks, clusters and tags.
namespace sockerless::aws {

struct StopTaskRequest {
  std::string cluster;
  std::string task;
  std::string reason;

  static constexpr auto fields() {
    return std::tuple{member("cluster", &StopTaskRequest::cluster), member("task", &StopTaskRequest::task),
                      member("reason", &StopTaskRequest::reason)};
  }
};

struct StopTaskResponse {
  Task task;

  static constexpr auto fields() { return std::tuple{member("task", &StopTaskResponse::task)}; }
};

struct DescribeTasksRequest {
  std::string cluster;
  std::vector<std::string> tasks;  // 100 at most
  std::vector<std::string> include;

  static constexpr auto fields() {
    return std::tuple{member("cluster", &DescribeTasksRequest::cluster), member("tasks", &DescribeTasksRequest::tasks),
                      member("include", &DescribeTasksRequest::include)};
  }
};

struct DescribeTasksResponse {
  std::vector<Task> tasks;
  std::vector<Failure> failures;

  static constexpr auto fields() {
    return std::tuple{member("tasks", &DescribeTasksResponse::tasks),
                      member("failures", &DescribeTasksResponse::failures)};
  }
};

struct ListTasksRequest {
  std::string cluster;
  std::string family;
  std::string started_by;      // must be the only filter
  std::string desired_status;  // RUNNING (default) or STOPPED
  std::string launch_type;
  std::optional<int> max_results;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{member("cluster", &ListTasksRequest::cluster),
                      member("family", &ListTasksRequest::family),
                      member("startedBy", &ListTasksRequest::started_by),
                      member("desiredStatus", &ListTasksRequest::desired_status),
                      member("launchType", &ListTasksRequest::launch_type),
                      member("maxResults", &ListTasksRequest::max_results),
                      member("nextToken", &ListTasksRequest::next_token)};
  }
};

struct ListTasksResponse {
  std::vector<std::string> task_arns;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{member("taskArns", &ListTasksResponse::task_arns),
                      member("nextToken", &ListTasksResponse::next_token)};
  }
};

struct ListTaskDefinitionFamiliesRequest {
  std::string family_prefix;
  std::string status;  // ACTIVE, INACTIVE or ALL
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{member("familyPrefix", &ListTaskDefinitionFamiliesRequest::family_prefix),
                      member("status", &ListTaskDefinitionFamiliesRequest::status),
                      member("nextToken", &ListTaskDefinitionFamiliesRequest::next_token)};
  }
};

struct ListTaskDefinitionFamiliesResponse {
  std::vector<std::string> families;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{member("families", &ListTaskDefinitionFamiliesResponse::families),
                      member("nextToken", &ListTaskDefinitionFamiliesResponse::next_token)};
  }
};

struct ListTaskDefinitionsRequest {
  std::string family_prefix;  // a whole family, whatever the name says
  std::string status;         // ACTIVE or INACTIVE
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{member("familyPrefix", &ListTaskDefinitionsRequest::family_prefix),
                      member("status", &ListTaskDefinitionsRequest::status),
                      member("nextToken", &ListTaskDefinitionsRequest::next_token)};
  }
};

struct ListTaskDefinitionsResponse {
  std::vector<std::string> task_definition_arns;
  std::string next_token;

  static constexpr auto fields() {
    return std::tuple{member("taskDefinitionArns", &ListTaskDefinitionsResponse::task_definition_arns),
                      member("nextToken", &ListTaskDefinitionsResponse::next_token)};
  }
};

struct Cluster {
  std::string cluster_arn;
  std::string cluster_name;
  std::string status;
  int running_tasks_count = 0;
  int pending_tasks_count = 0;
  std::vector<std::string> capacity_providers;

  static constexpr auto fields() {
    return std::tuple{member("clusterArn", &Cluster::cluster_arn),
                      member("clusterName", &Cluster::cluster_name),
                      member("status", &Cluster::status),
                      member("runningTasksCount", &Cluster::running_tasks_count),
                      member("pendingTasksCount", &Cluster::pending_tasks_count),
                      member("capacityProviders", &Cluster::capacity_providers)};
  }
};

struct DescribeClustersRequest {
  std::vector<std::string> clusters;

  static constexpr auto fields() { return std::tuple{member("clusters", &DescribeClustersRequest::clusters)}; }
};

struct DescribeClustersResponse {
  std::vector<Cluster> clusters;
  std::vector<Failure> failures;

  static constexpr auto fields() {
    return std::tuple{member("clusters", &DescribeClustersResponse::clusters),
                      member("failures", &DescribeClustersResponse::failures)};
  }
};

struct CreateClusterRequest {
  std::string cluster_name;
  std::vector<Tag> tags;
  std::vector<std::string> capacity_providers;

  static constexpr auto fields() {
    return std::tuple{member("clusterName", &CreateClusterRequest::cluster_name),
                      member("tags", &CreateClusterRequest::tags),
                      member("capacityProviders", &CreateClusterRequest::capacity_providers)};
  }
};

struct CreateClusterResponse {
  Cluster cluster;

  static constexpr auto fields() { return std::tuple{member("cluster", &CreateClusterResponse::cluster)}; }
};

struct TagResourceRequest {
  std::string resource_arn;
  std::vector<Tag> tags;

  static constexpr auto fields() {
    return std::tuple{member("resourceArn", &TagResourceRequest::resource_arn),
                      member("tags", &TagResourceRequest::tags)};
  }
};

struct TagResourceResponse {
  static constexpr auto fields() { return std::tuple{}; }
};

}  // namespace sockerless::aws
