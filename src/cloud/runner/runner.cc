#include "cloud/runner/runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <system_error>

#include "base/event.h"
#include "base/log.h"
#include "base/process_end.h"
#include "base/rollback.h"
#include "base/task_group.h"
#include "cloud/runner/bridge.h"
#include "cloud/runner/exec_process.h"
#include "cloud/runner/folder.h"
#include "cloud/runner/launch.h"
#include "cloud/runner/leftovers.h"
#include "cloud/runner/masquerade.h"
#include "cloud/runner/process.h"
#include "cloud/runner/service_socket.h"
#include "cloud/runner/task_network.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

const Logger log("runner");

constexpr std::size_t kReadSize = 64 * 1024;
constexpr int kServicePort = 80;
constexpr std::size_t kSpareNetworks = 2;
constexpr auto kRefillPause = std::chrono::milliseconds(50);

struct Container {
  std::string id;
  Descriptor process;  // open from the start to the end of the container's first process
  Runner::Output output;
  int open_streams = 2;
  Event streams_ended;
  Event launched;  // or failed to
  std::optional<ContainerExit> exit;
  Event exited;
  bool is_being_removed = false;
  Event removed;
};

// A task's network and what waits for it.
struct TaskNetwork {
  Network network;
  Event built;
  std::exception_ptr failure;
};

}  // namespace

// Shared by the coroutines that follow containers, which may end after Runner is gone.
struct Runner::State : std::enable_shared_from_this<Runner::State> {
  State(Settings settings, Executor executor, WorkerPool& workers);
  ~State();

  static Awaitable<void> read_stream(std::shared_ptr<State> self, std::shared_ptr<Container> container, int number,
                                     int fd);
  static Awaitable<void> follow(std::shared_ptr<State> self, std::shared_ptr<Container> container);
  static Awaitable<void> remove(std::shared_ptr<State> self, std::shared_ptr<Container> container);
  static Awaitable<void> build_network(std::shared_ptr<State> self, std::shared_ptr<TaskNetwork> task);
  static Awaitable<void> refill(std::shared_ptr<State> self);
  std::shared_ptr<TaskNetwork> begin_network(const std::string& task_id);
  std::shared_ptr<Container> get(const std::string& id) const;
  void close();

  // Work on a thread of the pool that does not begin once close() has.
  template <typename Work>
  Awaitable<std::invoke_result_t<Work>> run(Work work) {
    co_return co_await pool.run([self = shared_from_this(), work = std::move(work)] {
      const std::shared_lock working(self->at_work);
      if (self->closed) throw Error(ErrorKind::unavailable, "shutting down");
      return work();
    });
  }

  Executor loop;
  WorkerPool& pool;
  std::string folder;
  Descriptor lock;
  std::string networks_folder;
  ContainerHost host;
  Descriptor group_claim;
  std::unique_ptr<Bridge> bridge;
  std::unique_ptr<Masquerade> masquerade;
  std::unique_ptr<TaskNetworks> networks;
  Descriptor service_socket;
  std::string gateway;
  std::map<std::string, std::shared_ptr<TaskNetwork>> task_networks;
  std::vector<Network> spare_networks;
  std::uint64_t spares_made = 0;
  bool refilling = false;
  std::map<std::string, std::shared_ptr<Container>> containers;
  TaskGroup tasks;
  std::shared_mutex at_work;  // held by the threads that make and remove; close() waits for them
  bool closed = false;
};

Runner::State::State(Settings settings, Executor executor, WorkerPool& workers)
    : loop(executor),
      pool(workers),
      folder(prepare_folder(settings.folder)),
      lock(lock_folder(folder)),
      networks_folder(folder + "/networks"),
      host{folder + "/containers", fmt::format("{}/{}", kGroupOfClouds, short_name(folder)),
           Runtime(settings.runtime, folder + "/runtime"), Cgroups()},
      tasks(executor) {
  if (::geteuid() != 0) throw Error(ErrorKind::forbidden, "running containers needs root");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  remove_leftovers(folder, networks_folder, host);
  fs::create_directories(host.containers_folder);
  bridge = std::make_unique<Bridge>(folder, settings.subnet);
  group_claim = claim_group(host);
  masquerade = std::make_unique<Masquerade>(bridge->name(), bridge->subnet());
  const std::string& service = settings.service_address;
  networks = std::make_unique<TaskNetworks>(networks_folder, *bridge, service.empty() ? 0 : parse_address(service));
  if (!service.empty()) {
    const Network network = networks->reserve(".services");
    networks->build(network);
    service_socket = listen_in(network, parse_address(service), kServicePort);
  }
  gateway = format_address(bridge->gateway());
  log.info("bridge ready", {{"bridge", bridge->name()}, {"subnet", bridge->subnet().text()}});
}

Runner::State::~State() { close(); }

void Runner::State::close() {
  if (closed) return;
  tasks.cancel();
  {
    const std::unique_lock no_more_work(at_work);
    closed = true;
  }
  for (const auto& [id, container] : containers) {
    if (container->process.is_open()) send_signal(container->process, SIGKILL);
  }
  for (const auto& [id, container] : containers) {
    if (container->process.is_open()) reap(container->process);
  }
  remove_leftovers(folder, networks_folder, host);
  release_group(host);
  group_claim.reset();
  masquerade.reset();
  bridge->remove();
  lock.reset();
}

std::shared_ptr<Container> Runner::State::get(const std::string& id) const {
  const auto found = containers.find(id);
  if (found == containers.end()) throw Error(ErrorKind::not_found, fmt::format("no such container: {}", id));
  return found->second;
}

Awaitable<void> Runner::State::read_stream(std::shared_ptr<State> self, std::shared_ptr<Container> container,
                                           int number, int fd) {
  const Rollback ended([&] {
    if (--container->open_streams == 0) container->streams_ended.set();
  });
  asio::posix::stream_descriptor pipe(self->loop, fd);
  std::vector<char> buffer(kReadSize);
  for (;;) {
    boost::system::error_code error;
    const std::size_t size =
        co_await pipe.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (error || self->closed) co_return;  // the end, as a rule
    container->output(number, {buffer.data(), size});
  }
}

Awaitable<void> Runner::State::follow(std::shared_ptr<State> self, std::shared_ptr<Container> container) {
  co_await process_end(self->loop, container->process.get());
  if (self->closed) co_return;  // reaped already
  ContainerExit exit;
  exit.code = reap(container->process);
  exit.at = std::chrono::system_clock::now();
  container->process.reset();
  exit.out_of_memory = self->host.cgroups.had_out_of_memory(self->host.group_of(container->id));
  co_await container->streams_ended.wait();
  container->output = nullptr;
  container->exit = exit;
  container->exited.set();
  log.info("container exited", {{"container", container->id}, {"code", exit.code}});
}

Awaitable<void> Runner::State::remove(std::shared_ptr<State> self, std::shared_ptr<Container> container) {
  co_await container->launched.wait();
  const auto found = self->containers.find(container->id);
  if (found != self->containers.end() && found->second == container) {
    if (container->process.is_open()) send_signal(container->process, SIGKILL);
    co_await container->exited.wait();
    co_await self->run([self, container] { dismantle(container->id, self->host); });
    self->containers.erase(container->id);
  }
  container->removed.set();
}

Awaitable<void> Runner::State::build_network(std::shared_ptr<State> self, std::shared_ptr<TaskNetwork> task) {
  try {
    co_await self->run([self, task] { self->networks->build(task->network); });
  } catch (...) {
    task->failure = std::current_exception();  // for each who waits
    self->networks->release(task->network);
    self->task_networks.erase(task->network.task_id);
  }
  task->built.set();
}

// Makes spare networks after a while, so that it does not compete with the start of the task that
// took the last one.
Awaitable<void> Runner::State::refill(std::shared_ptr<State> self) {
  const Rollback done([&] { self->refilling = false; });
  try {
    while (self->spare_networks.size() < kSpareNetworks) {
      asio::steady_timer pause(self->loop, kRefillPause);
      co_await pause.async_wait(asio::use_awaitable);
      const Network spare = self->networks->reserve(fmt::format(".spare-{}", ++self->spares_made));
      Rollback release([&] { self->networks->release(spare); });
      co_await self->run([self, spare] { self->networks->build(spare); });
      release.dismiss();
      self->spare_networks.push_back(spare);
    }
  } catch (const Error& error) {
    log.debug("no spare network", {{"error", error.what()}});  // a task that needs one will say so
  }
}

std::shared_ptr<TaskNetwork> Runner::State::begin_network(const std::string& task_id) {
  auto task = std::make_shared<TaskNetwork>();
  if (spare_networks.empty()) {
    task->network = networks->reserve(task_id);
    tasks.spawn("network of task " + task_id, build_network(shared_from_this(), task));
  } else {
    task->network = std::move(spare_networks.back());
    task->network.task_id = task_id;
    spare_networks.pop_back();
    task->built.set();
  }
  task_networks[task_id] = task;
  if (!std::exchange(refilling, true)) tasks.spawn("spare networks", refill(shared_from_this()));
  return task;
}

Runner::Runner(Settings settings, Executor loop, WorkerPool& pool)
    : state_(std::make_shared<State>(std::move(settings), std::move(loop), pool)) {
  state_->refilling = true;
  state_->tasks.spawn("spare networks", State::refill(state_));
}

Runner::~Runner() { state_->close(); }

const std::string& Runner::gateway() const { return state_->gateway; }

Descriptor Runner::take_service_socket() { return std::move(state_->service_socket); }

Awaitable<Network> Runner::create_network(std::string task_id) {
  check_id(task_id);
  const auto state = state_;
  const auto found = state->task_networks.find(task_id);
  const auto task = found == state->task_networks.end() ? state->begin_network(task_id) : found->second;
  co_await task->built.wait();
  if (task->failure) std::rethrow_exception(task->failure);
  co_return task->network;
}

Awaitable<void> Runner::remove_network(std::string task_id) {
  const auto state = state_;
  const auto found = state->task_networks.find(task_id);
  if (found == state->task_networks.end()) co_return;
  const auto task = found->second;
  co_await task->built.wait();
  // Whoever comes first takes it; a failed one is gone by itself.
  if (state->task_networks.erase(task_id) == 0) co_return;
  co_await state->run([state, task] { state->networks->tear_down(task->network); });
  state->networks->release(task->network);
}

Awaitable<void> Runner::set_connected(std::string task_id, bool connected) {
  const auto state = state_;
  const auto found = state->task_networks.find(task_id);
  if (found == state->task_networks.end()) {
    throw Error(ErrorKind::not_found, fmt::format("task {} has no network", task_id));
  }
  const auto task = found->second;
  co_await task->built.wait();
  co_await state->run([task, connected] { set_port(task->network, connected); });
}

Awaitable<pid_t> Runner::start(ContainerSpec spec, Output output) {
  check_id(spec.id);
  const auto state = state_;
  if (state->containers.contains(spec.id)) {
    throw Error(ErrorKind::conflict, fmt::format("container {} exists", spec.id));
  }
  auto container = std::make_shared<Container>();
  container->id = spec.id;
  container->output = std::move(output);
  state->containers[spec.id] = container;
  const auto begin = std::chrono::steady_clock::now();
  auto launched = std::make_shared<Launched>();
  try {
    *launched = co_await state->run([state, spec] { return launch(spec, state->host); });
  } catch (const Error&) {
    state->containers.erase(spec.id);
    container->launched.set();
    container->exited.set();
    throw;
  }
  // From here to the return nothing suspends, so nothing can be cancelled half-way.
  container->process = std::move(launched->process);
  if (state->closed) throw Error(ErrorKind::unavailable, "shutting down");
  state->tasks.spawn("stdout of " + spec.id, State::read_stream(state, container, 1, launched->out.release()));
  state->tasks.spawn("stderr of " + spec.id, State::read_stream(state, container, 2, launched->error.release()));
  state->tasks.spawn("end of " + spec.id, State::follow(state, container));
  container->launched.set();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  log.info("container started", {{"container", spec.id}, {"pid", launched->pid}, {"milliseconds", took.count()}});
  co_return launched->pid;
}

Awaitable<ContainerExit> Runner::wait(std::string id) {
  const auto container = state_->get(id);
  co_await container->exited.wait();
  if (!container->exit) throw Error(ErrorKind::not_found, fmt::format("no such container: {}", id));
  co_return *container->exit;
}

Awaitable<int> Runner::exec(std::string id, std::vector<std::string> arguments, std::chrono::nanoseconds limit) {
  const auto state = state_;
  if (!state->get(id)->process.is_open()) throw Error(ErrorKind::not_found, fmt::format("{} does not run", id));
  const auto program = co_await state->run([state, id, arguments = std::move(arguments)] {
    return std::make_shared<ExecProcess>(state->host.runtime.exec(id, state->host.folder_of(id), arguments));
  });
  // Nothing suspends between the start and this, so the program is always reaped.
  state->tasks.spawn("program in " + id, ExecProcess::follow(program, state->loop, limit));
  co_await program->ended.wait();
  co_return program->exit_code;
}

Awaitable<void> Runner::signal(std::string id, int signal) {
  const auto container = state_->get(id);
  co_await container->launched.wait();
  if (container->process.is_open()) send_signal(container->process, signal);
}

Awaitable<ContainerUsage> Runner::container_usage(std::string id) {
  const auto state = state_;
  const auto container = state->get(id);
  if (!container->process.is_open()) throw Error(ErrorKind::not_found, fmt::format("container {} does not run", id));
  co_return co_await state->run([state, id] { return usage_of_group(state->host.cgroups, state->host.group_of(id)); });
}

Awaitable<NetworkUsage> Runner::network_usage(std::string task_id) {
  const auto state = state_;
  const auto found = state->task_networks.find(task_id);
  if (found == state->task_networks.end()) {
    throw Error(ErrorKind::not_found, fmt::format("task {} has no network", task_id));
  }
  const std::string port = found->second->network.host_interface;
  co_return co_await state->run([port] { return usage_of_port(port); });
}

Awaitable<int> Runner::kill_processes(std::string id, std::string program) {
  const auto state = state_;
  const auto found = state->containers.find(id);
  if (found == state->containers.end()) co_return 0;
  co_return co_await state->run(
      [state, id, program] { return state->host.cgroups.kill_program(state->host.group_of(id), program); });
}

Awaitable<void> Runner::remove(std::string id) {
  const auto state = state_;
  const auto found = state->containers.find(id);
  if (found == state->containers.end()) co_return;
  const auto container = found->second;
  if (!std::exchange(container->is_being_removed, true)) {
    state->tasks.spawn("remove " + id, State::remove(state, container));
  }
  co_await container->removed.wait();
}

}  // namespace sockerless::cloud
