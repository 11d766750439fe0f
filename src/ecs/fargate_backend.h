#pragma once

#include "aws/ecs.h"
#include "aws/logs.h"
#include "base/clock.h"
#include "base/task_group.h"
#include "core/backend.h"
#include "ecs/settings.h"
#include "ecs/watcher.h"

namespace sockerless::ecs {

// Runs containers as ECS Fargate tasks: one task definition a container, one task a launch. Lives on
// the daemon's loop; the client outlives it.
class FargateBackend final : public core::Backend {
 public:
  FargateBackend(Executor executor, Clock& clock, aws::Client& client, FargateSettings settings);

  // Makes the log group if it is missing and allowed. Throws what AWS says, as the daemon's first
  // call it finds wrong credentials and endpoints.
  Awaitable<void> prepare();

  void report_to(core::TaskObserver& observer) override;
  Awaitable<core::Registration> register_container(core::Container container) override;
  Awaitable<core::LaunchedTask> launch(core::Container container, core::Launch launch) override;
  Awaitable<std::optional<std::string>> find_task(core::Launch launch) override;
  void watch(std::string container_id, core::Launch launch) override;
  void unwatch(std::string launch_id) override;
  void agent_is_connected(std::string launch_id, bool connected) override;
  Awaitable<void> stop(std::string task, std::string reason) override;
  Awaitable<void> deregister(std::string definition) override;
  Awaitable<void> deregister_all(std::string container_id) override;
  Awaitable<core::LogPage> read_logs(core::LogQuery query) override;

  Awaitable<void> shut_down() { return tasks_.join(); }

 private:
  Awaitable<aws::RunTaskResponse> place(core::Container container, core::Launch launch);
  Awaitable<std::string> run_task(core::Container container, core::Launch launch);
  PublicAddresses* addresses_to_dial();
  static WatcherSettings watcher_settings(const FargateSettings& settings);

  FargateSettings settings_;
  aws::Client& client_;
  aws::Ecs ecs_;
  aws::Logs logs_;
  PublicAddresses public_addresses_;
  Watcher watcher_;
  Clock& clock_;
  TaskGroup tasks_;
};

}  // namespace sockerless::ecs
