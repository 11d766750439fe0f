#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/task_group.h"
#include "core/container_observer.h"
#include "core/drivers.h"
#include "core/launch_preparation.h"
#include "core/networks.h"

namespace sockerless::core {

// Lets the running containers of a user-defined network find each other by name: before its command runs a container's
// /etc/hosts has its peers, and whenever one comes, goes or is connected anew, that of the others is written again.
// Addresses are those of the tasks, which their agents tell. Lives on the daemon's loop.
class PeerNames final : public LaunchPreparation, public ContainerObserver {
 public:
  PeerNames(Executor executor, const ContainerTable& containers, Drivers& drivers);

  // After the containers are recovered: asks the agents of those that run on for their addresses.
  void recover();

  // LaunchPreparation. A file that cannot be written is said in the log and does not hold the command back.
  bool is_needed(const Container& container) const override;
  Awaitable<void> prepare(Container container) override;

  // ContainerObserver
  void container_started(const EntryPointer&) override {}
  void container_ended(const EntryPointer& entry) override;
  void container_removed(const Container& record) override { members_.erase(record.id); }

  // A running container was connected, disconnected from the network that is named, or renamed.
  void changed(const EntryPointer& entry, const std::string& left_network = "");

  Awaitable<void> shut_down() { return tasks_.join(); }

 private:
  // What is known of a container whose command runs or is about to.
  struct Member {
    std::string address;  // of its task; empty until its agent has told
    bool is_stale = false;
    bool is_writing = false;
  };

  std::vector<HostsEntry> entries_for(const Container& container) const;
  void add_peers(const Container& container, const std::string& network, std::vector<HostsEntry>& entries) const;
  Awaitable<void> write(Container container);
  Awaitable<void> rewrite(std::string container_id);
  void refresh(const std::string& container_id);
  void refresh_peers(const Container& container, const std::string& left_network = "");

  const ContainerTable& containers_;
  Drivers& drivers_;
  std::map<std::string, Member> members_;  // by container id
  TaskGroup tasks_;
};

}  // namespace sockerless::core
