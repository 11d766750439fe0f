#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <memory>
#include <optional>

#include "base/task_group.h"
#include "base/temporary_folder.h"
#include "core/archives.h"
#include "core/bind_copy.h"
#include "core/build/builder.h"
#include "core/changed_sizes.h"
#include "core/containers.h"
#include "core/execs.h"
#include "core/health.h"
#include "core/helper_autostop.h"
#include "core/orphans.h"
#include "core/staged_merge.h"
#include "core/staging.h"
#include "daemon/aws_access.h"
#include "daemon/listeners.h"
#include "daemon/local_cloud.h"
#include "daemon/metrics.h"
#include "daemon/options.h"
#include "daemon/settings.h"
#include "docker/api.h"
#include "drivers/agent_driver.h"
#include "drivers/agent_exec_driver.h"
#include "drivers/agent_file_driver.h"
#include "drivers/agent_gateway.h"
#include "drivers/agent_network_driver.h"
#include "drivers/agent_statistics_driver.h"
#include "drivers/synthetic_driver.h"
#include "drivers/synthetic_exec_driver.h"
#include "drivers/synthetic_file_driver.h"
#include "drivers/synthetic_statistics_driver.h"
#include "ecs/answer_log.h"
#include "ecs/fargate_backend.h"
#include "ecs/inventory.h"
#include "http/server.h"
#include "publish/publisher.h"
#include "registry/registry.h"

namespace sockerless::daemon {

// The whole daemon, wired together from its options; nothing but wiring.
class Daemon {
 public:
  Daemon(asio::io_context& loop, const DaemonOptions& options);

  // Serves until SIGTERM or SIGINT; then lets running requests end and leaves the tasks running. A
  // second signal ends the process at once. SIGHUP reads the TLS files again.
  Awaitable<void> run();

 private:
  std::unique_ptr<core::Store> open_store() const;
  std::string staging_folder();
  Awaitable<void> prepare_backend();
  std::string build_folder() const;
  ecs::FargateSettings backend_settings();
  void listen();
  Awaitable<int> await_signal();
  Awaitable<void> await_end_signal();
  Awaitable<void> end_at_once_on_signal();
  void reload();
  Awaitable<void> shut_down();

  asio::io_context& loop_;
  const DaemonOptions& options_;
  std::string folder_;
  std::string instance_;
  std::optional<TemporaryFolder> volatile_folder_;  // without a state folder
  SystemClock clock_;
  std::unique_ptr<core::Store> store_;
  std::unique_ptr<LocalCloud> cloud_;
  TaskGroup tasks_;
  std::unique_ptr<http::Listener> callback_listener_;

  AwsAccess aws_;
  std::optional<ecs::AnswerLog> answer_log_;  // with a state folder
  ecs::FargateSettings fargate_settings_;
  ecs::FargateBackend backend_;
  ecs::Inventory inventory_;
  registry::Registry registry_;

  core::Staging staging_;
  drivers::AgentGateway gateway_;
  drivers::AgentDriver agent_driver_;
  drivers::AgentExecDriver agent_exec_driver_;
  drivers::AgentNetworkDriver agent_network_driver_;
  drivers::AgentFileDriver agent_file_driver_;
  drivers::AgentStatisticsDriver agent_statistics_driver_;
  drivers::SyntheticDriver synthetic_driver_;
  drivers::SyntheticExecDriver synthetic_exec_driver_;
  drivers::SyntheticFileDriver synthetic_file_driver_;
  drivers::SyntheticStatisticsDriver synthetic_statistics_driver_;
  core::Drivers drivers_;

  core::Events events_;
  core::Janitor janitor_;
  core::Services services_;
  core::Images images_;
  core::Lifecycle lifecycle_;
  core::Volumes volumes_;
  core::Networks networks_;
  core::PeerNames peer_names_;
  core::Containers containers_;
  core::Execs execs_;
  core::StagedMerge staged_merge_;
  core::BindCopy bind_copy_;
  core::Archives archives_;
  core::ChangedSizes sizes_;
  core::build::Builder builder_;
  core::Statistics statistics_;
  core::HealthMonitor health_;
  std::optional<core::HelperAutostop> helper_autostop_;
  core::Orphans orphans_;
  publish::Publisher publisher_;

  asio::signal_set signals_;
  ApiListeners api_listeners_;
  docker::Api api_;
  Metrics metrics_;
  http::Server api_server_;
  http::Server callback_server_;
  http::Server metrics_server_;
};

}  // namespace sockerless::daemon
