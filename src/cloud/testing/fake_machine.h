#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/event.h"
#include "cloud/tasks/machine.h"

namespace sockerless::cloud::test {

// Containers that run until the test ends them; nothing real happens. Containers are named as in the
// task definition, since ids at run time are random.
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
  std::map<std::string, int> probe_codes;           // container → what a command in it ends with; else 0
  bool dies_of_term = true;
  bool holds_pulls = false;  // until release
  Event release;
  std::vector<std::string> start_order;
  std::vector<std::string> removed;
  int networks = 0;
  bool is_connected = true;
  int agents = 1;  // that kill_processes finds in each container

  // Throws std::logic_error if it was not started.
  Started& container(const std::string& name);
  void end(const std::string& name, int code) { end(container(name), code); }

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
  static void end(Started& started, int code);

  std::map<std::string, Started> by_id_;
};

}  // namespace sockerless::cloud::test
