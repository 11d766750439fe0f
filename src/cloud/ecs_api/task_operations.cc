#include <fmt/format.h>

#include <algorithm>

#include "cloud/ecs_api/operations.h"
#include "cloud/ecs_api/types/task_requests.h"
#include "cloud/front/api_error.h"
#include "cloud/front/paging.h"

namespace sockerless::cloud::ecs {
namespace {

constexpr std::size_t kMostDescribed = 100;

bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

TasksResponse describe_tasks(EcsApi& api, DescribeTasksRequest request) {
  const Cluster& cluster = api.clusters.get(request.cluster);
  if (request.tasks.empty()) throw invalid_parameter("Tasks cannot be empty.");
  if (request.tasks.size() > kMostDescribed) {
    throw invalid_parameter("Tasks can have at most 100 items.");
  }
  const bool with_tags = contains(request.include, "TAGS");
  TasksResponse response;
  for (const std::string& reference : request.tasks) {
    TaskRun* task = find_task(api, cluster, reference);
    const bool is_hidden = task != nullptr && task->describes_to_miss > 0;
    if (is_hidden) --task->describes_to_miss;
    if (task == nullptr || is_hidden) {
      const bool is_arn = reference.compare(0, 4, "arn:") == 0;
      response.failures.push_back(
          {is_arn ? reference : api.identity.arn("ecs", fmt::format("task/{}/{}", cluster.name, reference)), "MISSING",
           ""});
      continue;
    }
    response.tasks.push_back(task->task());
    if (!with_tags) response.tasks.back().tags.clear();
  }
  return response;
}

TaskResponse stop_task(EcsApi& api, StopTaskRequest request) {
  const Cluster& cluster = api.clusters.get(request.cluster);
  if (request.task.empty()) throw invalid_parameter("taskId cannot be empty.");
  TaskRun* task = find_task(api, cluster, request.task);
  if (task == nullptr) throw invalid_parameter("The referenced task was not found.");
  task->stop("UserInitiated", request.reason.empty() ? "Task stopped by user" : request.reason);
  return {task->task()};
}

void check_filters(const ListTasksRequest& request) {
  const bool has_others = !request.family.empty() || !request.service_name.empty() || !request.launch_type.empty() ||
                          !request.container_instance.empty();
  if (!request.started_by.empty() && has_others) {
    throw invalid_parameter("Cannot specify other filters when startedBy is specified.");
  }
  if (!request.service_name.empty()) {
    throw ApiError("ServiceNotFoundException", "Service not found.");
  }
  const auto& status = request.desired_status;
  if (!status.empty() && status != "RUNNING" && status != "PENDING" && status != "STOPPED") {
    throw invalid_parameter("desiredStatus should be one of [PENDING, RUNNING, STOPPED]");
  }
  const auto& type = request.launch_type;
  if (!type.empty() && type != "FARGATE" && type != "EC2" && type != "EXTERNAL" && type != "MANAGED_INSTANCES") {
    throw invalid_parameter("launchType should be one of [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]");
  }
}

bool is_wanted(const TaskRun& run, const ListTasksRequest& request, const Cluster& cluster) {
  const Task& task = run.task();
  const std::string wanted = request.desired_status.empty() ? "RUNNING" : request.desired_status;
  return task.cluster_arn == cluster.arn && task.desired_status == wanted &&
         (request.family.empty() || run.family() == request.family) &&
         (request.started_by.empty() || task.started_by == request.started_by) &&
         (request.launch_type.empty() || task.launch_type == request.launch_type) && request.container_instance.empty();
}

// The keys of all that may be wanted, so that a list of what runs does not take longer for all that has stopped.
std::vector<std::string> candidates(Tasks& tasks, const ListTasksRequest& request) {
  const auto& all = tasks.all();
  if (!request.started_by.empty()) return tasks.started_by(request.started_by);
  std::vector<std::string> keys;
  for (const auto& [key, task] : request.desired_status == "STOPPED" ? all : tasks.living()) keys.push_back(key);
  return keys;
}

ListTasksResponse list_tasks(EcsApi& api, ListTasksRequest request) {
  const Cluster& cluster = api.clusters.get(request.cluster);
  check_filters(request);
  const std::size_t size = page_size(request.max_results);
  std::vector<std::string> keys = candidates(api.tasks, request);
  const auto& all = api.tasks.all();
  std::erase_if(keys, [&](const std::string& key) { return !is_wanted(*all.at(key), request, cluster); });
  const Page page = page_of(keys, request.next_token, size);
  ListTasksResponse response;
  for (const std::string& key : page.items) response.arns.push_back(all.at(key)->task().arn);
  response.next_token = page.next_token;
  return response;
}

Nothing execute_command(EcsApi& api, StopTaskRequest request) {
  if (find_task(api, api.clusters.get(request.cluster), request.task) == nullptr) {
    throw invalid_parameter("The referenced task was not found.");
  }
  throw invalid_parameter(
      "The execute command failed because execute command was not enabled when the task was run or "
      "the execute command agent isn't running. Wait and try again or run a new task with execute "
      "command enabled and try again.");
}

}  // namespace

TaskRun* find_task(EcsApi& api, const Cluster& cluster, const std::string& reference) {
  const std::string prefix = api.identity.arn("ecs", "task/" + cluster.name + "/");
  const bool is_arn = reference.compare(0, prefix.size(), prefix) == 0;
  TaskRun* task = api.tasks.find(is_arn ? reference.substr(prefix.size()) : reference);
  return task != nullptr && task->task().cluster_arn == cluster.arn ? task : nullptr;
}

void add_task_operations(Service& service, EcsApi& api) {
  service.add("RunTask", api, run_task);
  service.add("StopTask", api, stop_task);
  service.add("DescribeTasks", api, describe_tasks);
  service.add("ListTasks", api, list_tasks);
  service.add("ExecuteCommand", api, execute_command);
}

Service make_service(EcsApi& api) {
  Service service("AmazonEC2ContainerServiceV20141113", "ecs");
  add_cluster_operations(service, api);
  add_task_definition_operations(service, api);
  add_task_operations(service, api);
  add_tag_operations(service, api);
  return service;
}

}  // namespace sockerless::cloud::ecs
