#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/task_group.h"
#include "base/turns.h"
#include "core/backend.h"
#include "core/store.h"

namespace sockerless::core {

// What is still to be done towards the cloud for containers that nobody asks about any more: tasks
// to stop, definitions to deregister. Durable, retried until done, across restarts: the reason why
// nothing leaks. However many there are, few of its calls are under way at a time, so that what
// clients ask for does not wait behind them; and what is known to be there does not wait behind looks
// for what may be.
class Janitor {
 public:
  Janitor(Executor executor, Clock& clock, Store& store, Backend& backend);

  // Goes on with what an earlier process left.
  void recover();

  // Return once the duty is on record; it is carried out in the background.
  Awaitable<void> stop_task(std::string task, std::string reason);
  Awaitable<void> deregister(std::string definition);
  // Of a container that came to nothing while it was being registered.
  Awaitable<void> deregister_all(std::string container_id);
  // A launch whose RunTask was never answered: if its task shows up, it is stopped.
  Awaitable<void> stop_launch(Launch launch, std::string reason);

  // Whether some duty concerns the task or definition, or the launch.
  bool is_about(std::string_view handle, std::string_view launch_id) const;

  std::size_t pending() const { return duties_.size(); }
  Awaitable<void> stop() { return tasks_.join(); }

 private:
  struct Duty {
    std::string stop_task;
    std::string reason;
    std::string deregister;
    std::string deregister_all;
    std::optional<Launch> launch;
    std::int64_t since = 0;  // when it was accepted, Unix time in ns
    static constexpr auto fields() {
      return std::tuple{
          json::field("stop_task", &Duty::stop_task),   json::field("reason", &Duty::reason),
          json::field("deregister", &Duty::deregister), json::field("deregister_all", &Duty::deregister_all),
          json::field("launch", &Duty::launch),         json::field("since", &Duty::since)};
    }
  };

  using Moment = std::chrono::steady_clock::time_point;

  // How far the looks of a duty may have come.
  struct Progress {
    Moment since;         // when it was accepted
    bool is_new = false;  // nobody has looked yet
  };

  Awaitable<void> accept(Duty duty, Durability durability);
  Progress progress_of(const Duty& duty) const;
  Awaitable<void> carry_out(std::string key, Progress progress);
  static std::string subject(const Duty& duty);
  Awaitable<void> attempt(Duty duty, Progress progress);
  // Calls `look` at the moments of the schedule that are still to come, at once if none is, until it
  // says that it has found what there is.
  Awaitable<void> look_for(Progress progress, std::span<const Clock::Duration> schedule,
                           std::function<Awaitable<bool>()> look);
  Awaitable<bool> find_and_deregister(std::string container_id);
  Awaitable<bool> find_and_stop(Launch launch, std::string reason);

  Clock& clock_;
  Store& store_;
  Backend& backend_;
  std::map<std::string, Duty> duties_;
  Turns turns_;  // of the calls about what is known
  Turns looks_;  // of those that look for something
  TaskGroup tasks_;
};

}  // namespace sockerless::core
