#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "cloud/images/images.h"
#include "cloud/runner/runner.h"

namespace sockerless::cloud {

// What a task asks of the machine that it runs on; see Images and Runner for the contracts. The
// calls of one task never overlap for the same container.
class Machine {
 public:
  virtual ~Machine() = default;

  virtual Awaitable<Image> pull(std::string reference, std::string architecture) = 0;
  virtual Awaitable<Network> create_network(std::string task_id) = 0;
  virtual Awaitable<void> remove_network(std::string task_id) = 0;
  virtual Awaitable<void> set_connected(std::string task_id, bool connected) = 0;
  virtual Awaitable<pid_t> start(ContainerSpec spec, Runner::Output output) = 0;
  virtual Awaitable<ContainerExit> wait(std::string id) = 0;
  virtual Awaitable<int> exec(std::string id, std::vector<std::string> arguments, Clock::Duration limit) = 0;
  virtual Awaitable<void> signal(std::string id, int signal) = 0;
  virtual Awaitable<int> kill_processes(std::string id, std::string program) = 0;
  virtual Awaitable<void> remove(std::string id) = 0;
};

// This machine.
class RealMachine final : public Machine {
 public:
  RealMachine(Images& images, Runner& runner) : images_(images), runner_(runner) {}

  Awaitable<Image> pull(std::string reference, std::string architecture) override {
    return images_.pull(std::move(reference), std::move(architecture));
  }
  Awaitable<Network> create_network(std::string task_id) override { return runner_.create_network(std::move(task_id)); }
  Awaitable<void> remove_network(std::string task_id) override { return runner_.remove_network(std::move(task_id)); }
  Awaitable<void> set_connected(std::string task_id, bool connected) override {
    return runner_.set_connected(std::move(task_id), connected);
  }
  Awaitable<pid_t> start(ContainerSpec spec, Runner::Output output) override {
    return runner_.start(std::move(spec), std::move(output));
  }
  Awaitable<ContainerExit> wait(std::string id) override { return runner_.wait(std::move(id)); }
  Awaitable<int> exec(std::string id, std::vector<std::string> arguments, Clock::Duration limit) override {
    return runner_.exec(std::move(id), std::move(arguments), limit);
  }
  Awaitable<void> signal(std::string id, int signal) override { return runner_.signal(std::move(id), signal); }
  Awaitable<int> kill_processes(std::string id, std::string program) override {
    return runner_.kill_processes(std::move(id), std::move(program));
  }
  Awaitable<void> remove(std::string id) override { return runner_.remove(std::move(id)); }

 private:
  Images& images_;
  Runner& runner_;
};

}  // namespace sockerless::cloud
