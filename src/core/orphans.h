#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task_group.h"
#include "core/inventory.h"
#include "core/janitor.h"
#include "core/lifecycle.h"

namespace sockerless::core {

struct OrphanSettings {
  Clock::Duration interval = std::chrono::minutes(5);           // between looks at the tasks
  Clock::Duration least_age = std::chrono::minutes(10);         // before an unknown task is stopped
  Clock::Duration definition_interval = std::chrono::hours(1);  // between looks at the definitions
};

// Compares what the cloud holds in this daemon's name with the records. A task whose container can
// be rebuilt is adopted; one that nobody knows in two looks, and that is old enough to be no launch
// under way, is stopped. What belongs to other instances is never touched.
class Orphans {
 public:
  Orphans(Executor executor, Clock& clock, Inventory& inventory, Lifecycle& lifecycle, Janitor& janitor);
  Orphans(Executor executor, Clock& clock, Inventory& inventory, Lifecycle& lifecycle, Janitor& janitor,
          OrphanSettings settings);

  // Looks now and then at intervals, until stop().
  void start();
  Awaitable<void> stop() { return tasks_.join(); }

  // One look. Throws what the inventory throws.
  Awaitable<void> look_at_tasks();
  Awaitable<void> look_at_definitions();

 private:
  Awaitable<void> run();
  std::set<std::string> tasks_on_record() const;
  bool is_known(const OwnedTask& task) const;
  bool is_leftover(const OwnedTask& task) const;
  Awaitable<bool> adopt(OwnedTask task);
  bool is_old_enough(Time since) const;
  bool has_been_suspect(const std::string& task) const;

  Clock& clock_;
  Inventory& inventory_;
  Lifecycle& lifecycle_;
  Janitor& janitor_;
  OrphanSettings settings_;
  // Tasks that the last look did not know, and since when.
  std::map<std::string, std::chrono::steady_clock::time_point> suspects_;
  TaskGroup tasks_;
};

}  // namespace sockerless::core
