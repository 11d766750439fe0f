#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "core/container.h"

namespace sockerless::core {

class DeferredSession;

// How a launch turned out, as start has to answer it.
struct LaunchResult {
  std::optional<Error> failure;
};

// A container's record with what concerns only the running daemon. Held by shared pointer, so that
// whoever waits for a container sees its removal instead of a dangling reference.
struct ContainerEntry {
  Container record;

  Event changed;                       // pulsed after every committed change of state
  std::uint64_t exits = 0;             // how often it has ended since the daemon started
  std::optional<LaunchResult> result;  // of the current launch
  bool start_answered = false;         // start has answered while the launch still goes on
  bool released = false;               // the current launch's command may run
  bool removed = false;
  bool is_being_restarted = false;                              // on request: its end does not remove it
  int attached = 0;                                             // clients that are attached or wait to be
  std::vector<std::weak_ptr<DeferredSession>> waiting_clients;  // attached before the start
  std::unique_ptr<Clock::Timer> agent_deadline;
  std::unique_ptr<Clock::Timer> restart_timer;  // the restart policy waits for it
};

using EntryPointer = std::shared_ptr<ContainerEntry>;

// All containers, by id and by name. Names are claimed before a container exists, so that two
// creates cannot both have one.
class ContainerTable {
 public:
  // By full id, name (with or without the leading slash) or unique prefix of the id, in this order.
  // Throws no_such_container, or ambiguous_prefix.
  EntryPointer get(std::string_view reference) const;
  // By full id; null if there is none.
  EntryPointer find(const std::string& id) const;

  // Throws name_in_use.
  void claim_name(const std::string& name, const std::string& id);
  void release_name(const std::string& name);
  bool is_taken(const std::string& name) const { return id_by_name_.contains(name); }

  // The name must have been claimed.
  EntryPointer add(Container record);
  void remove(const std::string& id);

  // Newest first, as Docker lists them.
  std::vector<EntryPointer> all() const;
  std::size_t size() const { return by_id_.size(); }

 private:
  std::map<std::string, EntryPointer, std::less<>> by_id_;
  std::map<std::string, std::string, std::less<>> id_by_name_;
};

}  // namespace sockerless::core
