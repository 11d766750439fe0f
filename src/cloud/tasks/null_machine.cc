#include "cloud/tasks/null_machine.h"

#include <fmt/format.h>

#include <csignal>

#include "base/sha256.h"

namespace sockerless::cloud {
namespace {

// 10.214.0.0/16, whose addresses are given out in turn; they lead nowhere.
constexpr std::uint32_t kAddresses = 256 * 254;
constexpr const char* kGateway = "10.214.0.1";
constexpr pid_t kNoProcess = 0;

}  // namespace

Awaitable<Image> NullMachine::pull(std::string reference, std::string) {
  Image image;
  image.digest = "sha256:" + sha256_hex(reference);
  image.reference = std::move(reference);
  image.command = {"run"};
  co_return image;
}

Awaitable<Network> NullMachine::create_network(std::string task_id) {
  const std::uint32_t number = networks_++ % kAddresses;
  const std::uint32_t third = number / 254;
  const std::uint32_t fourth = number % 254 + 1;
  Network network;
  network.task_id = std::move(task_id);
  network.address = fmt::format("10.214.{}.{}", third, fourth);
  network.gateway = kGateway;
  network.prefix_length = 16;
  network.mac_address = fmt::format("02:42:0a:d6:{:02x}:{:02x}", third, fourth);
  co_return network;
}

Awaitable<void> NullMachine::remove_network(std::string) { co_return; }

Awaitable<void> NullMachine::set_connected(std::string, bool) { co_return; }

Awaitable<pid_t> NullMachine::start(ContainerSpec spec, Runner::Output) {
  containers_[spec.id] = std::make_shared<Container>();
  co_return kNoProcess;
}

Awaitable<ContainerExit> NullMachine::wait(std::string id) {
  const auto container = get(id);
  co_await container->ended.wait();
  co_return *container->exit;
}

Awaitable<int> NullMachine::exec(std::string, std::vector<std::string>, Clock::Duration) { co_return 0; }

Awaitable<void> NullMachine::signal(std::string id, int signal) {
  end(*get(id), signal);
  co_return;
}

// Every container is one process, whatever its name.
Awaitable<int> NullMachine::kill_processes(std::string id, std::string) {
  end(*get(id), SIGKILL);
  co_return 1;
}

Awaitable<void> NullMachine::remove(std::string id) {
  const auto found = containers_.find(id);
  if (found == containers_.end()) co_return;
  const auto container = found->second;
  containers_.erase(found);
  end(*container, SIGKILL);
}

void NullMachine::end(Container& container, int signal) {
  if (container.exit) return;
  container.exit = ContainerExit{128 + signal, false, std::chrono::system_clock::now()};
  container.ended.set();
}

std::shared_ptr<NullMachine::Container> NullMachine::get(const std::string& id) const {
  const auto found = containers_.find(id);
  if (found == containers_.end()) throw Error(ErrorKind::not_found, fmt::format("no such container: {}", id));
  return found->second;
}

}  // namespace sockerless::cloud
