#pragma once

#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/event.h"
#include "cloud/tasks/machine.h"

namespace sockerless::cloud::test {

// Containers that run until the test ends them; nothing real happens. Names are those of the task
// definition, since run-time ids are random.
class FakeMachine final : public Machine {
 public:
  struct Started {
    ContainerSpec spec;
    Runner::Output output;
    std::vector<int> signals;
    std::optional<ContainerExit> exit;
    std::shared_ptr<Event> ended = std::make_shared<Event>();
  };

  std::map<std::string, std::string> pull_errors;   // image → what PullError says
  std::map<std::string, std::string> start_errors;  // container → what StartError says
  bool dies_of_term = true;
  bool holds_pulls = false;  // until release
  Event release;
  std::vector<std::string> start_order;
  std::vector<std::string> removed;
  int networks = 0;

  Started& container(const std::string& name) {
    for (auto& [id, started] : by_id_) {
      if (started.spec.name == name) return started;
    }
    throw std::logic_error("no container " + name + " was started");
  }

  void end(const std::string& name, int code) { end(container(name), code); }

  Awaitable<Image> pull(std::string reference, std::string) override {
    if (holds_pulls) co_await release.wait();
    if (pull_errors.count(reference) > 0) throw PullError(pull_errors.at(reference));
    Image image;
    image.reference = reference;
    image.digest = "sha256:0000";
    image.command = {"run"};
    co_return image;
  }

  Awaitable<Network> create_network(std::string task_id) override {
    ++networks;
    co_return Network{task_id, "/ns", "10.213.0.2", "10.213.0.1", 24, "02:42:00:00:00:02"};
  }
  Awaitable<void> remove_network(std::string) override {
    --networks;
    co_return;
  }

  Awaitable<pid_t> start(ContainerSpec spec, Runner::Output output) override {
    if (start_errors.count(spec.name) > 0) throw StartError(start_errors.at(spec.name));
    start_order.push_back(spec.name);
    const std::string id = spec.id;
    by_id_[id] = {std::move(spec), std::move(output)};
    co_return 1;
  }

  Awaitable<ContainerExit> wait(std::string id) override {
    const auto ended = by_id_.at(id).ended;
    co_await ended->wait();
    co_return *by_id_.at(id).exit;
  }

  Awaitable<void> signal(std::string id, int signal) override {
    Started& target = by_id_.at(id);
    target.signals.push_back(signal);
    if (signal == SIGKILL || dies_of_term) end(target, 128 + signal);
    co_return;
  }

  Awaitable<void> remove(std::string id) override {
    removed.push_back(by_id_.count(id) > 0 ? by_id_.at(id).spec.name : id);
    co_return;
  }

 private:
  static void end(Started& started, int code) {
    if (started.exit) return;
    started.exit = ContainerExit{code, false, Time(std::chrono::seconds(1'800'000'000))};
    started.ended->set();
  }

  std::map<std::string, Started> by_id_;
};

}  // namespace sockerless::cloud::test
