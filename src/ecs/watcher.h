#pragma once

#include <map>
#include <string>
#include <vector>

#include "aws/ecs.h"
#include "base/clock.h"
#include "base/event.h"
#include "core/backend.h"
#include "ecs/public_addresses.h"

namespace sockerless::ecs {

struct WatcherSettings {
  std::string cluster;
  Clock::Duration first_look = std::chrono::milliseconds(25);  // after RunTask; doubles from there
  Clock::Duration launching = std::chrono::milliseconds(500);
  Clock::Duration running = std::chrono::seconds(5);
  Clock::Duration with_agent = std::chrono::minutes(5);
  // So long after RunTask, and after it was last there, a task may be MISSING because ECS's answers are not
  // consistent yet.
  Clock::Duration grace = std::chrono::seconds(60);
};

// Sees all tasks with as few DescribeTasks calls as possible: those that are due are asked for
// together, 100 at a time; how often depends on what a task is doing. Runs as one coroutine.
class Watcher {
 public:
  // `public_addresses`, if any: tasks are reported with theirs.
  Watcher(Clock& clock, aws::Ecs& ecs, WatcherSettings settings, PublicAddresses* public_addresses = nullptr);

  void report_to(core::TaskObserver& observer) { observer_ = &observer; }

  void watch(std::string container_id, const core::Launch& launch);
  void unwatch(const std::string& launch_id) { watched_.erase(launch_id); }
  void agent_is_connected(const std::string& launch_id, bool connected);
  void look_soon(const std::string& task);

  // Until cancelled.
  Awaitable<void> run();

  std::size_t size() const { return watched_.size(); }

 private:
  using Moment = std::chrono::steady_clock::time_point;

  struct Watched {
    std::string container_id;
    std::string task;
    Moment last_shown;  // by ECS or by its agent; before that, when it was asked for
    Moment due;
    Clock::Duration interval;
    bool has_agent = false;
    std::int64_t version = -1;  // of what was reported last
    core::TaskReport::Phase phase = core::TaskReport::Phase::pending;
  };

  std::vector<std::string> due_now(Moment now) const;
  Moment first_look_after(Moment now) const;
  Clock::Duration until_next(Moment now) const;
  Awaitable<void> look(std::vector<std::string> launches);
  void plan_next_look(Watched& watched) const;
  Awaitable<void> see(std::string launch_id, aws::Task task);
  void seen(const std::string& launch_id, const aws::Task& task, const std::string& public_address);
  void missing(const std::string& launch_id);

  Clock& clock_;
  aws::Ecs& ecs_;
  WatcherSettings settings_;
  PublicAddresses* public_addresses_;
  core::TaskObserver* observer_ = nullptr;
  std::map<std::string, Watched> watched_;  // by launch
  Event changed_;
};

// What a description of a task says of the container in it.
core::TaskReport report_of(const aws::Task& task);

}  // namespace sockerless::ecs
