#include "core/janitor.h"

#include <algorithm>

#include "base/id.h"
#include "base/log.h"

namespace sockerless::core {
namespace {

const Logger log("janitor");

constexpr const char* kTable = "cleanup";
constexpr std::size_t kCallsAtOnce = 4;
constexpr std::size_t kLooksAtOnce = 2;
constexpr auto kFirstRetry = std::chrono::seconds(1);
constexpr int kLooks = 8;                           // over two minutes
constexpr int kLooksForDefinitions = 4;             // over seven seconds
constexpr auto kSettled = std::chrono::minutes(3);  // longer than the looks of one process
constexpr Clock::Duration kLongestRetry = std::chrono::minutes(5);

}  // namespace

Janitor::Janitor(Executor executor, Clock& clock, Store& store, Backend& backend)
    : clock_(clock),
      store_(store),
      backend_(backend),
      turns_(kCallsAtOnce),
      looks_(kLooksAtOnce),
      tasks_(std::move(executor)) {}

void Janitor::recover() {
  for (auto& [key, document] : store_.load(kTable)) {
    const Duty& duty = duties_[key] = read_row<Duty>(kTable, key, document);
    tasks_.spawn("clean up", carry_out(key, is_settled(duty)));
  }
}

// One more look is enough then. A daemon that is killed again and again would otherwise have ever more to look for.
bool Janitor::is_settled(const Duty& duty) const {
  return clock_.now() - Time(std::chrono::nanoseconds(duty.since)) >= kSettled;
}

Awaitable<void> Janitor::stop_task(std::string task, std::string reason) {
  return accept({.stop_task = std::move(task), .reason = std::move(reason)}, Durability::full);
}

Awaitable<void> Janitor::deregister(std::string definition) {
  return accept({.deregister = std::move(definition)}, Durability::relaxed);
}

Awaitable<void> Janitor::deregister_all(std::string container_id) {
  return accept({.deregister_all = std::move(container_id)}, Durability::relaxed);
}

Awaitable<void> Janitor::stop_launch(Launch launch, std::string reason) {
  return accept({.reason = std::move(reason), .launch = std::move(launch)}, Durability::full);
}

bool Janitor::is_about(std::string_view handle, std::string_view launch_id) const {
  return std::any_of(duties_.begin(), duties_.end(), [&](const auto& item) {
    const Duty& duty = item.second;
    return duty.stop_task == handle || duty.deregister == handle || (duty.launch && duty.launch->id == launch_id);
  });
}

Awaitable<void> Janitor::accept(Duty duty, Durability durability) {
  const std::string key = random_hex(8);
  duty.since = clock_.now().time_since_epoch().count();
  duties_[key] = duty;
  co_await store_.put(kTable, key, json::to_text(duty), durability);
  tasks_.spawn("clean up", carry_out(key, false));
}

// What it is about, for the log.
std::string Janitor::subject(const Duty& duty) {
  if (!duty.stop_task.empty()) return "task " + duty.stop_task;
  if (!duty.deregister.empty()) return "task definition " + duty.deregister;
  if (!duty.deregister_all.empty()) return "task definitions of container " + duty.deregister_all;
  return duty.launch ? "launch " + duty.launch->id : "";
}

Awaitable<void> Janitor::attempt(Duty duty, bool is_settled) {
  if (!duty.stop_task.empty()) {
    const Turns::Turn turn = co_await turns_.take();
    co_await backend_.stop(duty.stop_task, duty.reason);
  }
  if (!duty.deregister.empty()) {
    const Turns::Turn turn = co_await turns_.take();
    co_await backend_.deregister(duty.deregister);
  }
  if (!duty.deregister_all.empty()) {
    co_await find_and_deregister(duty.deregister_all, is_settled ? 1 : kLooksForDefinitions);
  }
  if (duty.launch) co_await find_and_stop(*duty.launch, duty.reason, is_settled ? 1 : kLooks);
}

// A request whose answer was lost may still be under way.
Awaitable<void> Janitor::find_and_deregister(std::string container_id, int looks) {
  Clock::Duration wait = kFirstRetry;
  for (int look = 1;; ++look) {
    {
      const Turns::Turn turn = co_await looks_.take();
      co_await backend_.deregister_all(container_id);
    }
    if (look == looks) co_return;
    co_await clock_.sleep(wait);
    wait *= 2;
  }
}

// ECS shows a new task late: one look that finds nothing proves nothing.
Awaitable<void> Janitor::find_and_stop(Launch launch, std::string reason, int looks) {
  Clock::Duration wait = kFirstRetry;
  for (int look = 1;; ++look) {
    {
      const Turns::Turn turn = co_await looks_.take();
      if (const auto task = co_await backend_.find_task(launch)) {
        log.info("task of a lost launch found", {{"task", *task}});
        co_await backend_.stop(*task, std::move(reason));
        co_return;
      }
    }
    if (look == looks) co_return;
    co_await clock_.sleep(wait);
    wait *= 2;
  }
}

Awaitable<void> Janitor::carry_out(std::string key, bool is_settled) {
  const Duty duty = duties_.at(key);
  Clock::Duration wait = kFirstRetry;
  for (;;) {
    try {
      co_await attempt(duty, is_settled);
      break;
    } catch (const Error& error) {
      log.warn("clean-up failed, will be tried again", {{"subject", subject(duty)}, {"error", error.what()}});
    }
    co_await clock_.sleep(wait);
    wait = std::min(wait * 2, kLongestRetry);
  }
  duties_.erase(key);
  co_await store_.erase(kTable, key);
}

}  // namespace sockerless::core
