#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "cloud/runner/bridge.h"
#include "cloud/runner/runner.h"

namespace sockerless::cloud {

// Makes and removes the networks of tasks: a namespace, kept alive by a bind mount, with "eth0" on
// the bridge. Addresses are given out on the loop; build() and tear_down() block and may run on
// several threads at once.
class TaskNetworks {
 public:
  // One folder per task below `folder`.
  // Tasks find `service_address` on the bridge; 0 for none.
  TaskNetworks(std::string folder, const Bridge& bridge, std::uint32_t service_address)
      : folder_(std::move(folder)), bridge_(bridge), service_address_(service_address) {}

  // A free address and all that follows from it. Throws Error(unavailable) if there is none.
  Network reserve(const std::string& task_id);
  void release(const Network& network);

  // Throws Error, std::system_error; then nothing is left.
  void build(const Network& network);
  void tear_down(const Network& network);

 private:
  void connect(const Network& network);

  std::string folder_;
  const Bridge& bridge_;
  std::uint32_t service_address_;
  std::set<std::uint32_t> used_;  // host numbers
  std::uint32_t last_ = 1;        // the gateway's
  std::uint32_t interfaces_ = 0;
};

// Takes the task's port of the bridge up or down: down, the task loses its carrier and keeps its
// addresses and routes. Blocks. Throws Error(not_found), std::system_error.
void set_port(const Network& network, bool is_up);

}  // namespace sockerless::cloud
