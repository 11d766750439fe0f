#include "cloud/testing/fake_machine.h"

#include <csignal>

namespace sockerless::cloud::test {

FakeMachine::Started& FakeMachine::container(const std::string& name) {
  for (auto& [id, started] : by_id_) {
    if (started.spec.name == name) return started;
  }
  throw std::logic_error("no container " + name + " was started");
}

Awaitable<Image> FakeMachine::pull(std::string reference, std::string) {
  if (holds_pulls) co_await release.wait();
  if (pull_errors.count(reference) > 0) throw PullError(pull_errors.at(reference));
  Image image;
  image.reference = reference;
  image.digest = "sha256:0000";
  image.command = {"run"};
  co_return image;
}

Awaitable<Network> FakeMachine::create_network(std::string task_id) {
  ++networks;
  co_return Network{task_id, "/ns", "10.213.0.2", "10.213.0.1", 24, "02:42:00:00:00:02", "s0"};
}

Awaitable<void> FakeMachine::remove_network(std::string) {
  --networks;
  co_return;
}

Awaitable<void> FakeMachine::set_connected(std::string, bool connected) {
  is_connected = connected;
  co_return;
}

Awaitable<pid_t> FakeMachine::start(ContainerSpec spec, Runner::Output output) {
  if (start_errors.count(spec.name) > 0) throw StartError(start_errors.at(spec.name));
  start_order.push_back(spec.name);
  const std::string id = spec.id;
  by_id_[id] = {std::move(spec), std::move(output)};
  co_return 1;
}

Awaitable<ContainerExit> FakeMachine::wait(std::string id) {
  const auto ended = by_id_.at(id).ended;
  co_await ended->wait();
  co_return *by_id_.at(id).exit;
}

Awaitable<int> FakeMachine::exec(std::string id, std::vector<std::string>, Clock::Duration) {
  const auto code = probe_codes.find(by_id_.at(id).spec.name);
  co_return code == probe_codes.end() ? 0 : code->second;
}

Awaitable<void> FakeMachine::signal(std::string id, int signal) {
  Started& target = by_id_.at(id);
  target.signals.push_back(signal);
  if (signal == SIGKILL || dies_of_term) end(target, 128 + signal);
  co_return;
}

Awaitable<int> FakeMachine::kill_processes(std::string id, std::string) {
  if (agents > 0) end(by_id_.at(id), 128 + SIGKILL);
  co_return agents;
}

Awaitable<void> FakeMachine::remove(std::string id) {
  removed.push_back(by_id_.count(id) > 0 ? by_id_.at(id).spec.name : id);
  co_return;
}

void FakeMachine::end(Started& started, int code) {
  if (started.exit) return;
  started.exit = ContainerExit{code, false, Time(std::chrono::seconds(1'800'000'000))};
  started.ended->set();
}

}  // namespace sockerless::cloud::test
