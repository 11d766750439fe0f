#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/event.h"
#include "cloud/tasks/machine.h"

namespace sockerless::cloud {

// Tasks in state only: every image is there, every container runs until it gets a signal and then ends
// of it. Nothing happens on the machine, so neither root nor a registry is needed.
class NullMachine final : public Machine {
 public:
  Awaitable<Image> pull(std::string reference, std::string architecture) override;
  Awaitable<Network> create_network(std::string task_id) override;
  Awaitable<void> remove_network(std::string task_id) override;
  Awaitable<void> set_connected(std::string task_id, bool connected) override;
  Awaitable<pid_t> start(ContainerSpec spec, Runner::Output output) override;
  Awaitable<ContainerExit> wait(std::string id) override;
  Awaitable<int> exec(std::string id, std::vector<std::string> arguments, Clock::Duration limit) override;
  Awaitable<void> signal(std::string id, int signal) override;
  Awaitable<int> kill_processes(std::string id, std::string program) override;
  Awaitable<void> remove(std::string id) override;

 private:
  struct Container {
    std::optional<ContainerExit> exit;
    Event ended;
  };

  static void end(Container& container, int signal);
  std::shared_ptr<Container> get(const std::string& id) const;

  std::map<std::string, std::shared_ptr<Container>> containers_;
  std::uint32_t networks_ = 0;  // ever made
};

}  // namespace sockerless::cloud
