#include "cloud/tasks/task_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "base/log.h"
#include "cloud/tasks/container_plan.h"
#include "cloud/tasks/task_role.h"

namespace sockerless::cloud {
namespace {

const Logger log("tasks");

constexpr int kDefaultStopSeconds = 30;

// "<task id>-<ten digits>", as Fargate names containers at run time.
std::string make_runtime_id(const std::string& task_id, std::size_t index) {
  const auto digits = std::stoull(task_id.substr(0, 12), nullptr, 16) + index;
  return fmt::format("{}-{:010}", task_id, digits % 10'000'000'000ULL);
}

ecs::ContainerOverride override_of(const ecs::Task& task, const std::string& name) {
  for (const auto& candidate : task.overrides.containers) {
    if (candidate.name == name) return candidate;
  }
  return {};
}

}  // namespace

TaskRun::TaskRun(TaskServices& services, std::string id, ecs::Task task, ecs::TaskDefinition definition,
                 TaskState::Record record)
    : services_(services),
      id_(std::move(id)),
      definition_(std::move(definition)),
      state_(std::move(task), services.clock, std::move(record)),
      volumes_(services.folder + "/" + id_, services.file_systems, services.identity.region),
      pulls_(services.executor),
      children_(services.executor) {
  for (std::size_t i = 0; i < definition_.containers.size(); ++i) {
    ContainerRun container;
    container.index = i;
    container.definition = definition_.containers[i];
    container.runtime_id = make_runtime_id(id_, i);
    containers_.push_back(std::move(container));
  }
}

Awaitable<void> TaskRun::live(std::shared_ptr<TaskRun> self) {
  TaskRun& task = *self;
  co_await task.prepare();
  if (!task.state_.is_stopping()) task.start_containers();
  while (!task.state_.is_stopping()) co_await task.changed_.wait();
  co_await task.end_containers();
  task.state_.stopped();
  log.info("task stopped",
           {{"task", task.id_}, {"code", task.task().stop_code}, {"reason", task.task().stopped_reason}});
  co_await task.tear_down();
  co_await task.children_.join();
  task.containers_.clear();  // what is described for another hour is in the state
}

void TaskRun::found_again() {
  if (!has_stopped()) state_.interrupted();
  containers_.clear();
}

void TaskRun::stop(const std::string& code, const std::string& reason, std::optional<Clock::Duration> grace) {
  if (grace) grace_ = grace;
  state_.stop_asked(code, reason);
  changed_.pulse();
}

// Returns when everything is there, or as soon as the task is to stop.
Awaitable<void> TaskRun::prepare() {
  try {
    check_available();
    fetch_secrets();
  } catch (const InitializationError& error) {
    fail(error.what());
    co_return;
  }
  is_connecting_ = true;
  children_.spawn("connect task " + id_, connect());
  state_.pull_started();
  for (std::size_t i = 0; i < containers_.size(); ++i) pulls_.spawn("pull for task " + id_, pull(i));
  while (!state_.is_stopping() && (is_connecting_ || !all_pulled())) co_await changed_.wait();
}

// What would need services that this cloud does not have.
void TaskRun::check_available() const {
  for (const ContainerRun& container : containers_) {
    const auto& definition = container.definition;
    if (!definition.repository_credentials.is_null()) {
      throw InitializationError(
          "unable to pull secrets or registry auth: execution resource retrieval failed: unable to "
          "retrieve secret from asm: this cloud pulls images without credentials from secrets");
    }
    if (!definition.environment_files.empty()) {
      throw InitializationError("failed to download env files: this cloud has no S3");
    }
  }
}

void TaskRun::fetch_secrets() {
  for (ContainerRun& container : containers_) {
    for (const ecs::ContainerSecret& secret : container.definition.secrets) {
      container.secrets.push_back({secret.name, services_.secrets.resolve(secret.value_from)});
    }
  }
}

Awaitable<void> TaskRun::connect() {
  try {
    co_await delay_launch();
    if (!state_.is_stopping()) {
      network_ = co_await services_.machine.create_network(id_);
      state_.connected(*network_, private_dns_name(network_->address, services_.identity.region));
    }
  } catch (const std::exception& error) {
    log.error("no network for a task", {{"task", id_}, {"error", error.what()}});
    fail(fmt::format("Unexpected EC2 error while attempting to create a network interface: {}", error.what()));
  }
  is_connecting_ = false;
  changed_.pulse();
}

// Ends early when the task is to stop.
Awaitable<void> TaskRun::delay_launch() {
  if (!services_.launch_delay) co_return;
  const auto until = services_.clock.steady_now() + services_.launch_delay();
  while (!state_.is_stopping()) {
    const Clock::Duration left = until - services_.clock.steady_now();
    if (left <= Clock::Duration::zero()) co_return;
    co_await changed_.wait_for(services_.clock, left);
  }
}

Awaitable<void> TaskRun::pull(std::size_t index) {
  ContainerRun& container = containers_[index];
  try {
    container.image = co_await services_.machine.pull(container.definition.image,
                                                      image_architecture(definition_, services_.architecture));
    state_.image_pulled(index, container.image->digest);
  } catch (const std::exception& error) {
    if (state_.is_stopping()) co_return;  // cancelled, or too late to be the reason
    state_.container_failed(index, error.what());
    fail(error.what());
  }
  if (all_pulled()) state_.pull_stopped();
  changed_.pulse();
}

void TaskRun::start_containers() {
  state_.activating();
  try {
    volumes_.prepare(definition_);
  } catch (const InitializationError& error) {
    fail(error.what());
    return;
  } catch (const std::exception& error) {
    fail(fmt::format("CannotCreateVolumeError: {}", error.what()));
    return;
  }
  for (std::size_t i = 0; i < containers_.size(); ++i) {
    children_.spawn("container of task " + id_, run_container(i));
  }
}

Awaitable<void> TaskRun::run_container(std::size_t index) {
  ContainerRun& container = containers_[index];
  if (!co_await await_dependencies(index)) co_return;
  if (!co_await start_container(container)) co_return;
  ContainerExit exit;
  try {
    exit = co_await services_.machine.wait(container.runtime_id);
  } catch (const std::exception& error) {
    fail_container(container, fmt::format("ContainerRuntimeError: {}", error.what()));
    co_return;
  }
  container_ended(container, exit);
}

Awaitable<bool> TaskRun::start_container(ContainerRun& container) {
  container.phase = ContainerRun::Phase::starting;
  container.created_at = services_.clock.now();
  std::string failure;
  try {
    container.log = Awslogs::open(container.definition, id_, services_.logs);
    Runner::Output output = [](int, std::string_view) {};
    if (container.log) {
      output = [sink = container.log](int source, std::string_view bytes) { sink->write(source, bytes); };
    }
    co_await services_.machine.start(spec_of(container), std::move(output));
  } catch (const InitializationError& error) {
    fail(error.what());
    failure = error.what();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (!failure.empty()) {
    fail_container(container, failure);
    co_return false;
  }
  container.phase = ContainerRun::Phase::running;
  container.started = services_.clock.steady_now();
  watch_health(container);
  container.started_at = services_.clock.now();
  state_.container_running(container.index, container.runtime_id);
  if (all_started() && !state_.is_stopping()) {
    state_.running();
    log.info("task running", {{"task", id_}});
  }
  changed_.pulse();
  co_return true;
}

ContainerSpec TaskRun::spec_of(const ContainerRun& container) const {
  const ecs::Task& task = state_.task();
  ContainerPlan plan;
  plan.id = container.runtime_id;
  plan.definition = container.definition;
  plan.override_ = override_of(task, container.definition.name);
  plan.secrets = container.secrets;
  plan.image = *container.image;
  plan.network = *network_;
  plan.mounts = volumes_.mounts_of(container.definition, definition_);
  plan.task_cpu_units = std::stoi(task.cpu);
  plan.task_memory_mib = std::stoi(task.memory);
  plan.region = services_.identity.region;
  if (!role_of(task, definition_).empty()) plan.credentials_path = "/v2/credentials/" + credentials_id(id_);
  return plan_container(std::move(plan));
}

void TaskRun::container_ended(ContainerRun& container, const ContainerExit& exit) {
  if (container.log) container.log->finish();
  container.phase = ContainerRun::Phase::ended;
  container.exit = exit;
  state_.container_exited(container.index, exit);
  if (container.definition.is_essential() || all_ended()) {
    state_.execution_stopped(exit.at);
    stop("EssentialContainerExited", "Essential container in task exited");
  }
  changed_.pulse();
}

void TaskRun::fail_container(ContainerRun& container, const std::string& reason) {
  container.phase = ContainerRun::Phase::ended;
  state_.container_failed(container.index, reason);
  if (container.definition.is_essential() || all_ended()) fail("Task failed to start");
  changed_.pulse();
}

Awaitable<void> TaskRun::end_containers() {
  const auto is_alive = [](const ContainerRun& c) {
    return c.phase == ContainerRun::Phase::starting || c.phase == ContainerRun::Phase::running;
  };
  if (std::any_of(containers_.begin(), containers_.end(), is_alive)) {
    state_.stopping_containers();
    for (std::size_t i = 0; i < containers_.size(); ++i) {
      if (is_alive(containers_[i])) children_.spawn("end container of task " + id_, end_container(i));
    }
  }
  while (std::any_of(containers_.begin(), containers_.end(), is_alive)) co_await changed_.wait();
}

// Containers end before those that they depend on.
Awaitable<void> TaskRun::end_container(std::size_t index) {
  using Phase = ContainerRun::Phase;
  ContainerRun& container = containers_[index];
  const auto must_wait = [&] {
    return std::any_of(containers_.begin(), containers_.end(), [&](const ContainerRun& other) {
      const auto& needs = other.definition.depends_on;
      return (other.phase == Phase::running || other.phase == Phase::starting) &&
             std::any_of(needs.begin(), needs.end(), [&](const ecs::ContainerDependency& need) {
               return need.container_name == container.definition.name;
             });
    });
  };
  while (container.phase == Phase::starting || must_wait()) co_await changed_.wait();
  if (container.has_ended()) co_return;

  const auto own_time = std::chrono::seconds(container.definition.stop_timeout.value_or(kDefaultStopSeconds));
  const int signal = parse_stop_signal(container.image->stop_signal, SIGTERM);
  const auto begun = services_.clock.steady_now();
  co_await services_.machine.signal(container.runtime_id, signal);
  while (!container.has_ended()) {
    // A shutdown may shorten the time while it runs.
    const Clock::Duration limit = grace_.value_or(own_time);
    const Clock::Duration left = begun + limit - services_.clock.steady_now();
    if (left <= Clock::Duration::zero()) break;
    co_await changed_.wait_for(services_.clock, left);
  }
  if (!container.has_ended()) co_await services_.machine.signal(container.runtime_id, SIGKILL);
}

Awaitable<void> TaskRun::tear_down() {
  co_await pulls_.join();
  while (is_connecting_) co_await changed_.wait();
  try {
    for (const ContainerRun& container : containers_) {
      if (container.phase != ContainerRun::Phase::waiting) {
        co_await services_.machine.remove(container.runtime_id);
      }
    }
    if (network_) co_await services_.machine.remove_network(id_);
  } catch (const std::exception& error) {
    // The next start of the cloud removes what is left.
    log.error("a task left something behind", {{"task", id_}, {"error", error.what()}});
  }
  co_await services_.pool.run([folder = volumes_.folder()] {
    std::error_code ignored;  // nothing to remove for most tasks
    std::filesystem::remove_all(folder, ignored);
  });
}

Awaitable<void> TaskRun::set_connected(bool connected) {
  if (!network_) throw Error(ErrorKind::conflict, fmt::format("task {} has no network", id_));
  co_await services_.machine.set_connected(id_, connected);
  is_partitioned_ = !connected;
}

Awaitable<int> TaskRun::kill_processes(std::string program) {
  std::vector<std::string> running;
  for (const ContainerRun& container : containers_) {
    if (container.phase == ContainerRun::Phase::running) running.push_back(container.runtime_id);
  }
  int killed = 0;
  for (const std::string& id : running) killed += co_await services_.machine.kill_processes(id, program);
  co_return killed;
}

bool TaskRun::all_pulled() const {
  return std::all_of(containers_.begin(), containers_.end(), [](const ContainerRun& c) { return c.image.has_value(); });
}

bool TaskRun::all_started() const {
  return std::all_of(containers_.begin(), containers_.end(),
                     [](const ContainerRun& c) { return c.phase == ContainerRun::Phase::running || c.has_ended(); });
}

bool TaskRun::all_ended() const {
  return std::all_of(containers_.begin(), containers_.end(), [](const ContainerRun& c) { return c.has_ended(); });
}

}  // namespace sockerless::cloud
