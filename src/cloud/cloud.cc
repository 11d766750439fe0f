#include "cloud/cloud.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "base/worker_pool.h"
#include "cloud/admin/admin.h"
#include "cloud/ecs_api/operations.h"
#include "cloud/front/front_door.h"
#include "cloud/images/imported_registry.h"
#include "cloud/logs_api/operations.h"
#include "cloud/metadata/service.h"
#include "cloud/state/state_store.h"
#include "cloud/tasks/null_machine.h"
#include "cloud/tasks/task_role.h"
#include "cloud/tasks/tasks.h"
#include "http/server.h"

namespace sockerless::cloud {
namespace {

// Mostly waiting for runtimes and the disk, so more than there are processors.
constexpr std::size_t kWorkers = 8;
// How long containers may take to end when the cloud does.
constexpr auto kShutDownGrace = std::chrono::seconds(2);
constexpr auto kRequestGrace = std::chrono::seconds(1);
// How long to wait for an earlier cloud on the same folder to end.
constexpr auto kLockWait = std::chrono::seconds(5);
constexpr auto kLockRetry = std::chrono::milliseconds(20);

// The folder belongs to one cloud: the clean-up at the start would end another one's tasks.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
      throw Error(ErrorKind::internal, fmt::format("cannot make {}: {}", folder, error.message()));
    }
    const std::string path = folder + "/lock";
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ >= 0 && lock_within(kLockWait)) return;
    ::close(descriptor_);
    throw Error(ErrorKind::conflict,
                fmt::format("another sockerless-cloud uses {}: give this one its own --data-dir", folder));
  }
  ~FolderLock() { ::close(descriptor_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  // A cloud whose parent was killed may still be stopping its tasks.
  bool lock_within(std::chrono::milliseconds limit) const {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(kLockRetry);
    }
    return true;
  }

  int descriptor_ = -1;
};

const CloudOptions& checked(const CloudOptions& options) {
  const std::string& runner = options.runner();
  if (runner == "oci" || runner == "null") return options;
  throw Error(ErrorKind::invalid_argument, fmt::format("--runner: \"{}\" is not oci or null", runner));
}

FaultSettings initial_faults(const CloudOptions& options) {
  FaultSettings settings;
  settings.launch_delay.min_ms = options.fault_launch_delay().count();
  settings.describes_to_miss = options.fault_missing();
  settings.log_lag_ms = options.fault_log_lag().count();
  add_run_task_fault(settings, options.fault_run_task());
  return settings;
}

// ARNs name both, so another account or region begins empty.
std::string state_folder(const CloudOptions& options) {
  return fmt::format("{}/state/{}-{}", options.data_dir(), options.account(), options.region());
}

std::string images_folder(const CloudOptions& options) { return options.data_dir() + "/images"; }

// Where tasks are real.
struct HostMachine {
  HostMachine(Executor executor, const CloudOptions& options, WorkerPool& pool)
      : client(executor, {.user_agent = "sockerless-cloud"}),
        images({images_folder(options),
                options.registry_mirror(),
                machine_architecture(),
                {options.layer_limit() * kMebibyte, options.layer_files_limit()},
                options.image_cache() * kMebibyte},
               client, pool),
        runner({options.data_dir() + "/run", options.runtime(), options.subnet(), kTaskServicesAddress}, executor,
               pool),
        machine(images, runner) {}

  http::Client client;
  Images images;
  Runner runner;
  RealMachine machine;
};

}  // namespace

std::string machine_architecture() {
  utsname machine{};
  uname(&machine);
  return std::string_view(machine.machine) == "aarch64" ? "arm64" : "amd64";
}

struct Cloud::Parts {
  Parts(Executor executor, const CloudOptions& options)
      : machine_clock(executor),
        clock(machine_clock),
        faults(initial_faults(options), options.region(), machine_clock),
        identity{options.region(), options.account()},
        lock(checked(options).data_dir()),
        host(http::split_host_port(options.listen()).first),
        listener(std::make_unique<http::Listener>(executor, options.listen())),
        pool(kWorkers),
        host_machine(options.runner() == "oci" ? std::make_unique<HostMachine>(executor, options, pool) : nullptr),
        imported(images_folder(options)),
        state(state_folder(options), executor),
        log_store(
            {state_folder(options) + "/logs", [this] { return faults.log_lag(); }, options.log_limit() * kMebibyte},
            identity, clock, state),
        tasks({executor, clock, pool, machine(), log_store, identity, options.data_dir() + "/tasks", options.efs(),
               machine_architecture(), [this] { return faults.draw_launch_delay(); }, SecretStore(options.secrets())},
              state),
        clusters(identity, state),
        definitions(identity, clock, state),
        ecs{identity, clock, clusters, definitions, tasks, faults, ecs::ClientTokens(clock, state)},
        logs{log_store, pool},
        front_door(SignatureVerifier({options.access_key_id(), options.secret_access_key(), options.session_token()},
                                     options.region(), &sessions),
                   identity, machine_clock, faults),
        server(executor, machine_clock, [this](http::Exchange& exchange) { return answer(*this, exchange); }),
        metadata_server(executor, machine_clock,
                        [this](http::Exchange& exchange) { return metadata.handle(exchange); }) {
    std::filesystem::remove_all(options.data_dir() + "/tasks");
    ecs::CreateClusterRequest cluster;
    cluster.name = options.cluster();
    cluster.capacity_providers = {"FARGATE", "FARGATE_SPOT"};
    clusters.create(std::move(cluster));
    front_door.add(ecs::make_service(ecs));
    front_door.add(logs::make_service(logs));
    const bool is_ipv6 = host.find(':') != std::string::npos;
    endpoint = fmt::format("http://{}:{}", is_ipv6 ? "[" + host + "]" : host, listener->port());
    server.serve(std::move(listener));
    if (host_machine) {
      const int socket = host_machine->runner.take_service_socket().release();
      metadata_server.serve(std::make_unique<http::Listener>(executor, fmt::format("fd://{}", socket)));
    }
    if (!options.admin().empty()) serve_admin(executor, options.admin());
  }

  Awaitable<metadata::Sample> sample(std::string container_id, std::string task_id) {
    Runner& runner = host_machine->runner;  // who asks is in a task's network
    metadata::Sample sample;
    sample.container = co_await runner.container_usage(std::move(container_id));
    sample.network = co_await runner.network_usage(std::move(task_id));
    co_return sample;
  }

  void serve_admin(Executor executor, const std::string& address) {
    Admin::check_address(http::split_host_port(address).first);
    auto admin_listener = std::make_unique<http::Listener>(executor, address);
    admin_endpoint = "http://" + admin_listener->address();
    admin_server = std::make_unique<http::Server>(executor, machine_clock,
                                                  [this](http::Exchange& exchange) { return admin.handle(exchange); });
    admin_server->serve(std::move(admin_listener));
  }

  Machine& machine() { return host_machine ? static_cast<Machine&>(host_machine->machine) : null_machine; }

  // No answer leaves before what it says would survive the process.
  static Awaitable<void> answer(Parts& parts, http::Exchange& exchange) {
    if (ImportedRegistry::serves(exchange)) {
      parts.imported.answer(exchange);
      co_return;
    }
    co_await parts.front_door.handle(exchange);
    co_await parts.state.settled();
  }

  // What can be wrong with the options comes first: nothing has been made by then.
  SystemClock machine_clock;
  CloudClock clock;
  Faults faults;
  Identity identity;
  FolderLock lock;
  std::string host;
  std::unique_ptr<http::Listener> listener;
  WorkerPool pool;
  std::unique_ptr<HostMachine> host_machine;
  NullMachine null_machine;
  ImportedRegistry imported;
  StateStore state;
  logs::LogStore log_store;
  Tasks tasks;
  ecs::Clusters clusters;
  ecs::TaskDefinitions definitions;
  ecs::EcsApi ecs;
  logs::LogsApi logs;
  Sessions sessions;
  FrontDoor front_door;
  http::Server server;
  std::string endpoint;
  MetadataService metadata{tasks, sessions, machine_clock, [this](std::string container, std::string task) {
                             return sample(std::move(container), std::move(task));
                           }};
  http::Server metadata_server;
  Admin admin{faults, clock, tasks};
  std::unique_ptr<http::Server> admin_server;
  std::string admin_endpoint;
};

Cloud::Cloud(Executor executor, const CloudOptions& options)
    : parts_(std::make_unique<Parts>(std::move(executor), options)) {}

Cloud::~Cloud() = default;

std::string Cloud::endpoint() const { return parts_->endpoint; }

std::string Cloud::gateway() const {
  return parts_->host_machine ? parts_->host_machine->runner.gateway() : parts_->host;
}

std::string Cloud::admin_endpoint() const { return parts_->admin_endpoint; }

Awaitable<void> Cloud::shut_down() {
  if (parts_->admin_server) co_await parts_->admin_server->stop({});
  co_await parts_->server.stop(kRequestGrace);
  co_await parts_->metadata_server.stop({});
  co_await parts_->tasks.shut_down(kShutDownGrace);
}

}  // namespace sockerless::cloud
