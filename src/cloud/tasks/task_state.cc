#include "cloud/tasks/task_state.h"

namespace sockerless::cloud {

void TaskState::enter(const std::string& status) {
  task_.last_status = status;
  changed();
}

void TaskState::changed() {
  ++task_.version;
  record_(task_);
}

void TaskState::set_tags(std::vector<ecs::Tag> tags) {
  task_.tags = std::move(tags);
  record_(task_);
}

void TaskState::connected(const Network& network, const std::string& private_dns_name) {
  if (has_stopped()) return;  // it came too late and is being removed
  ecs::Attachment& attachment = task_.attachments.front();
  attachment.status = "ATTACHED";
  attachment.details.push_back({"macAddress", network.mac_address});
  attachment.details.push_back({"privateDnsName", private_dns_name});
  attachment.details.push_back({"privateIPv4Address", network.address});
  for (ecs::Container& container : task_.containers) {
    container.network_interfaces = {{attachment.id, network.address}};
  }
  task_.connectivity = "CONNECTED";
  task_.connectivity_at = now();
  enter("PENDING");
}

void TaskState::pull_started() {
  task_.pull_started_at = now();
  changed();
}

void TaskState::image_pulled(std::size_t container, const std::string& digest) {
  task_.containers[container].image_digest = digest;
  changed();
}

void TaskState::pull_stopped() {
  task_.pull_stopped_at = now();
  changed();
}

void TaskState::activating() { enter("ACTIVATING"); }

void TaskState::container_running(std::size_t container, const std::string& runtime_id) {
  task_.containers[container].last_status = "RUNNING";
  task_.containers[container].runtime_id = runtime_id;
  changed();
}

void TaskState::running() {
  task_.started_at = now();
  enter("RUNNING");
}

void TaskState::stop_asked(const std::string& code, const std::string& reason) {
  if (is_stopping()) return;
  task_.desired_status = "STOPPED";
  task_.stop_code = code;
  task_.stopped_reason = reason;
  task_.stopping_at = now();
  changed();
}

void TaskState::execution_stopped(Time at) {
  if (task_.execution_stopped_at == 0) task_.execution_stopped_at = to_epoch_seconds(at);
}

void TaskState::container_health(std::size_t container, const std::string& status, const std::string& of_task) {
  task_.containers[container].health_status = status;
  task_.health_status = of_task;
  changed();
}

void TaskState::container_failed(std::size_t container, const std::string& reason) {
  task_.containers[container].last_status = "STOPPED";
  task_.containers[container].reason = reason;
  changed();
}

void TaskState::container_exited(std::size_t container, const ContainerExit& exit) {
  ecs::Container& ended = task_.containers[container];
  ended.last_status = "STOPPED";
  ended.exit_code = exit.code;
  if (exit.out_of_memory) {
    ended.reason = "OutOfMemoryError: Container killed due to memory usage";
  }
  changed();
}

void TaskState::stopping_containers() {
  if (task_.started_at != 0) enter("DEACTIVATING");
  enter("STOPPING");
}

void TaskState::stopped() {
  enter("DEPROVISIONING");
  for (ecs::Container& container : task_.containers) container.last_status = "STOPPED";
  for (ecs::Attachment& attachment : task_.attachments) attachment.status = "DELETED";
  task_.stopped_at = now();
  enter("STOPPED");
}

void TaskState::interrupted() {
  stop_asked("InfrastructureHealth",
             "ECS is performing maintenance on the underlying infrastructure hosting the task: the local cloud was "
             "killed and has started again.");
  for (ecs::Container& container : task_.containers) {
    if (container.last_status == "STOPPED") continue;
    container.reason = container.last_status == "RUNNING"
                           ? "ContainerRuntimeError: the local cloud was killed while the container ran; how it ended "
                             "is not known"
                           : "The local cloud was killed before the container started.";
  }
  if (task_.started_at != 0) execution_stopped(clock_.now());
  stopped();
}

}  // namespace sockerless::cloud
