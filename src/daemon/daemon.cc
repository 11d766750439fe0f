#include "daemon/daemon.h"

#include <fmt/format.h>

#include <boost/asio/detached.hpp>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "base/log.h"
#include "daemon/listeners.h"
#include "daemon/systemd.h"

namespace sockerless::daemon {
namespace {

const Logger log("daemon");

constexpr Clock::Duration kFirstPause = std::chrono::milliseconds(500);
constexpr Clock::Duration kLongestPause = std::chrono::seconds(4);

constexpr auto kDrainTime = std::chrono::seconds(10);
constexpr std::uint64_t kMebibyte = 1024 * 1024;

core::Platform task_platform() {
  core::Platform platform;
  platform.architecture = daemon_facts("").architecture;
  return platform;
}

}  // namespace

Daemon::Daemon(asio::io_context& loop, const DaemonOptions& options)
    : loop_(loop),
      options_(options),
      folder_(state_folder(options)),
      instance_(instance_name(options, folder_)),
      clock_(loop.get_executor()),
      store_(open_store()),
      cloud_(options.local() ? std::make_unique<LocalCloud>(options, folder_) : nullptr),
      tasks_(loop.get_executor()),
      aws_(loop.get_executor(), clock_, options, cloud_ ? cloud_->endpoint() : ""),
      fargate_settings_(backend_settings()),
      backend_(loop.get_executor(), clock_, aws_.client(), fargate_settings_),
      inventory_(aws_.client(), fargate_settings_),
      registry_(aws_.http(), options.registry_mirror(), cloud_ ? cloud_->imported_images() : ""),
      staging_(*store_,
               {.folder = staging_folder(), .limit = static_cast<std::uint64_t>(options.staging_limit()) * kMebibyte}),
      gateway_(loop.get_executor(), clock_,
               callback_listener_ ? drivers::AgentMode::reverse : drivers::AgentMode::forward),
      agent_driver_(gateway_.hub()),
      agent_exec_driver_(gateway_.hub()),
      agent_network_driver_(gateway_.hub()),
      agent_file_driver_(gateway_.hub()),
      agent_statistics_driver_(gateway_.hub(), clock_),
      synthetic_file_driver_(staging_),
      drivers_{.process = core::DriverChain<core::ProcessDriver>({&agent_driver_, &synthetic_driver_}),
               .exec = core::DriverChain<core::ExecDriver>({&agent_exec_driver_, &synthetic_exec_driver_}),
               .files = core::DriverChain<core::FileDriver>({&agent_file_driver_, &synthetic_file_driver_}),
               .statistics = core::DriverChain<core::StatisticsDriver>(
                   {&agent_statistics_driver_, &synthetic_statistics_driver_}),
               .network = core::DriverChain<core::NetworkDriver>({&agent_network_driver_})},
      events_(clock_),
      janitor_(loop.get_executor(), clock_, *store_, backend_),
      services_{clock_, *store_, events_, backend_, gateway_, drivers_, janitor_},
      images_(clock_, *store_, events_, registry_,
              {.fetch_config = options.fetch_image_config(), .platform = task_platform()}),
      lifecycle_(loop.get_executor(), services_,
                 {.start_wait = options.start_wait(),
                  .restart_limit = options.restart_limit(),
                  .max_tasks = options.max_tasks()}),
      volumes_(loop.get_executor(), clock_, *store_, events_, lifecycle_.table()),
      networks_(clock_, *store_, events_, lifecycle_.table(), instance_),
      peer_names_(loop.get_executor(), lifecycle_.table(), drivers_),
      containers_(services_, images_, volumes_, networks_, lifecycle_,
                  {.binds = core::parse_bind_policy(options.binds()), .agent_token = options.agent_token().reveal()}),
      execs_(loop.get_executor(), services_, lifecycle_.table()),
      staged_merge_(loop.get_executor(), staging_, drivers_),
      bind_copy_(drivers_, static_cast<std::uint64_t>(options.staging_limit()) * kMebibyte),
      archives_(services_, containers_, staging_),
      sizes_(loop.get_executor(), services_),
      builder_(loop.get_executor(), clock_, images_, staging_, build_folder()),
      statistics_(services_, lifecycle_.table()),
      health_(loop.get_executor(), services_, lifecycle_, execs_),
      orphans_(loop.get_executor(), clock_, inventory_, lifecycle_, janitor_),
      publisher_(loop.get_executor(), lifecycle_.table(), drivers_.network),
      signals_(loop, SIGTERM, SIGINT, SIGHUP),
      api_listeners_(options),
      api_({clock_, containers_, execs_, images_, events_, volumes_, networks_, statistics_, archives_, sizes_,
            builder_, daemon_facts(instance_)}),
      metrics_(clock_, {aws_.client().statistics(), lifecycle_.table(), janitor_}),
      api_server_(loop.get_executor(), clock_,
                  metrics_.measured([this](http::Exchange& exchange) { return api_.handle(exchange); })),
      callback_server_(loop.get_executor(), clock_, callback_handler(gateway_.hub())),
      metrics_server_(loop.get_executor(), clock_, metrics_.handler()) {
  if (folder_ != "none") {
    answer_log_.emplace(folder_);
    aws_.client().report_to([this](const aws::CallReport& report) { answer_log_->note(report); });
  }
  synthetic_driver_.read_logs_of(containers_);
  containers_.take_layers_from(staging_);
  lifecycle_.prepare_with(staged_merge_);
  // Behind the layers of built images: a bind hides what the image has there.
  lifecycle_.prepare_with(bind_copy_);
  lifecycle_.prepare_with(peer_names_);
  lifecycle_.publish_with(publisher_);
  lifecycle_.attach_with(networks_);
  lifecycle_.observe(staged_merge_);
  lifecycle_.observe(volumes_);
  lifecycle_.observe(health_);
  if (options.helper_autostop()) {
    lifecycle_.observe(helper_autostop_.emplace(loop.get_executor(), clock_, lifecycle_));
  }
  lifecycle_.observe(peer_names_);
  containers_.tell_names_by(peer_names_);
}

std::unique_ptr<core::Store> Daemon::open_store() const {
  if (folder_ == "none") return std::make_unique<core::MemoryStore>();
  return std::make_unique<core::SqliteStore>(folder_, loop_.get_executor());
}

std::string Daemon::staging_folder() {
  if (folder_ != "none") return folder_ + "/staging";
  volatile_folder_.emplace("sockerless-staging-");
  return volatile_folder_->path();
}

std::string Daemon::build_folder() const {
  return (volatile_folder_ ? volatile_folder_->path() : folder_ + "/staging") + "/build";
}

// Opens the callback listener too: its port is part of the URL that the tasks get.
ecs::FargateSettings Daemon::backend_settings() {
  ecs::FargateSettings settings = fargate_settings(options_, instance_);
  std::string callback_listen = options_.callback_listen();
  if (cloud_) {
    settings.agent_efs_id = LocalCloud::kAgentFileSystem;
    if (settings.subnets.empty()) settings.subnets = {"subnet-local"};
    if (settings.execution_role_arn.empty()) {
      settings.execution_role_arn = "arn:aws:iam::000000000000:role/local-execution";
    }
    if (options_.local_agent() == "reverse") callback_listen = cloud_->gateway() + ":0";
  }
  if (settings.agent_efs_id.empty() && settings.agent_image.empty()) {
    log.warn(
        "neither --agent-image nor --agent-efs-id is set: every image must contain "
        "/sockerless/bin/sockerless-agent");
  }
  if (callback_listen.empty()) return settings;
  callback_listener_ = std::make_unique<http::Listener>(loop_.get_executor(), "tcp://" + callback_listen);
  if (settings.callback_url.empty()) {
    settings.callback_url = "http://" + callback_listener_->address().substr(6);
  }
  return settings;
}

void Daemon::listen() {
  for (auto& listener : api_listeners_.open(loop_.get_executor())) {
    log.info("listening", {{"address", listener->address()}});
    api_server_.serve(std::move(listener));
  }
  if (callback_listener_) {
    log.info("agents call here", {{"address", callback_listener_->address()}});
    callback_server_.serve(std::move(callback_listener_));
  }
  if (!options_.metrics().empty()) {
    auto listener = std::make_unique<http::Listener>(loop_.get_executor(), "tcp://" + options_.metrics());
    log.info("metrics are served", {{"address", listener->address()}});
    metrics_server_.serve(std::move(listener));
  }
  if (cloud_) std::ofstream(folder_ + "/cloud-endpoint") << cloud_->endpoint() << "\n";
}

// A daemon that is restarted while AWS has a bad moment comes up all the same; one that cannot reach AWS at all
// says so and ends.
Awaitable<void> Daemon::prepare_backend() {
  for (Clock::Duration pause = kFirstPause;; pause *= 2) {
    try {
      co_await backend_.prepare();
      co_return;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable || pause > kLongestPause) throw;
      log.warn("the cloud does not answer yet, will be tried again", {{"error", error.what()}});
    }
    co_await clock_.sleep(pause);
  }
}

Awaitable<void> Daemon::run() {
  co_await prepare_backend();
  images_.recover();
  volumes_.recover();
  networks_.recover();
  lifecycle_.recover();
  execs_.recover();
  staging_.recover([this](const std::string& id) { return lifecycle_.table().find(id) != nullptr; },
                   images_.staged_layers());
  health_.recover();
  if (helper_autostop_) helper_autostop_->recover();
  peer_names_.recover();
  janitor_.recover();
  orphans_.start();
  listen();
  if (cloud_)
    tasks_.spawn("keep the local cloud running", cloud_->keep_running(clock_, [this] { return backend_.prepare(); }));
  notify_service_manager("READY=1");
  co_await await_end_signal();
  notify_service_manager("STOPPING=1");
  asio::co_spawn(loop_, end_at_once_on_signal(), asio::detached);
  log.info(cloud_ ? "shutting down, and the local cloud with its tasks" : "shutting down; tasks go on running");
  co_await shut_down();
}

Awaitable<int> Daemon::await_signal() { return signals_.async_wait(asio::use_awaitable); }

Awaitable<void> Daemon::await_end_signal() {
  while (co_await await_signal() == SIGHUP) reload();
}

void Daemon::reload() {
  notify_service_manager("RELOADING=1");
  try {
    api_listeners_.reload();
    log.info("TLS files read again");
  } catch (const Error& error) {
    log.error("TLS files not taken, the old ones stay in force", {{"error", error.what()}});
  }
  notify_service_manager("READY=1");
}

// What must survive is on disk already, and the local cloud ends with its parent.
Awaitable<void> Daemon::end_at_once_on_signal() {
  int signal = SIGHUP;
  while (signal == SIGHUP) signal = co_await await_signal();
  log.warn("a second signal: ending without waiting for running requests", {{"signal", signal}});
  std::_Exit(128 + signal);
}

Awaitable<void> Daemon::shut_down() {
  co_await tasks_.join();
  co_await api_server_.stop(kDrainTime);
  co_await orphans_.stop();
  co_await publisher_.shut_down();
  co_await health_.shut_down();
  co_await sizes_.shut_down();
  if (helper_autostop_) co_await helper_autostop_->shut_down();
  co_await execs_.shut_down();
  co_await lifecycle_.shut_down();
  co_await volumes_.shut_down();
  co_await peer_names_.shut_down();
  co_await staged_merge_.stop();
  co_await builder_.shut_down();
  co_await janitor_.stop();
  co_await gateway_.hub().stop();
  co_await callback_server_.stop(Clock::Duration::zero());
  co_await metrics_server_.stop(Clock::Duration::zero());
  co_await backend_.shut_down();
}

}  // namespace sockerless::daemon
