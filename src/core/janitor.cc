#include "core/janitor.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/id.h"
#include "base/log.h"

namespace sockerless::core {
namespace {

using namespace std::chrono_literals;

const Logger log("janitor");

constexpr const char* kTable = "cleanup";
constexpr std::size_t kCallsAtOnce = 4;
constexpr std::size_t kLooksAtOnce = 2;
constexpr Clock::Duration kFirstRetry = 1s;

// Since a duty was accepted. ECS shows a new task late, and a request whose answer was lost may still be under way.
constexpr std::array<Clock::Duration, 8> kLooks{0s, 1s, 3s, 7s, 15s, 31s, 63s, 127s};
constexpr std::size_t kLooksForDefinitions = 4;
constexpr Clock::Duration kLongestRetry = 5min;

}  // namespace

Janitor::Janitor(Executor executor, Clock& clock, Store& store, Backend& backend)
    : clock_(clock),
      store_(store),
      backend_(backend),
      turns_(kCallsAtOnce),
      looks_(kLooksAtOnce),
      tasks_(std::move(executor)) {}

// The oldest first: where there is more to do than can be done before the next kill, nothing stays behind for ever.
void Janitor::recover() {
  std::vector<std::pair<std::int64_t, std::string>> keys;
  for (auto& [key, document] : store_.load(kTable)) {
    const Duty& duty = duties_[key] = read_row<Duty>(kTable, key, document);
    keys.emplace_back(duty.since, key);
  }
  std::sort(keys.begin(), keys.end());
  for (const auto& [since, key] : keys) tasks_.spawn("clean up", carry_out(key, progress_of(duties_[key])));
}

// Of a duty that an earlier process has left.
Janitor::Progress Janitor::progress_of(const Duty& duty) const {
  const Clock::Duration age = clock_.now() - Time(std::chrono::nanoseconds(duty.since));
  return {.since = clock_.steady_now() - std::max(age, Clock::Duration::zero())};
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
  tasks_.spawn("clean up", carry_out(key, {.since = clock_.steady_now(), .is_new = true}));
}

// What it is about, for the log.
std::string Janitor::subject(const Duty& duty) {
  if (!duty.stop_task.empty()) return "task " + duty.stop_task;
  if (!duty.deregister.empty()) return "task definition " + duty.deregister;
  if (!duty.deregister_all.empty()) return "task definitions of container " + duty.deregister_all;
  return duty.launch ? "launch " + duty.launch->id : "";
}

Awaitable<void> Janitor::attempt(Duty duty, Progress progress) {
  const std::span<const Clock::Duration> looks(kLooks);
  if (!duty.stop_task.empty()) {
    const Turns::Turn turn = co_await turns_.take();
    co_await backend_.stop(duty.stop_task, duty.reason);
  }
  if (!duty.deregister.empty()) {
    const Turns::Turn turn = co_await turns_.take();
    co_await backend_.deregister(duty.deregister);
  }
  if (!duty.deregister_all.empty()) {
    co_await look_for(progress, looks.first(kLooksForDefinitions),
                      [&] { return find_and_deregister(duty.deregister_all); });
  }
  if (duty.launch) {
    co_await look_for(progress, looks, [&] { return find_and_stop(*duty.launch, duty.reason); });
  }
}

// The moments are those of the duty, not of the process: a daemon that is killed again and again looks no more often
// than one that lives.
Awaitable<void> Janitor::look_for(Progress progress, std::span<const Clock::Duration> schedule,
                                  std::function<Awaitable<bool>()> look) {
  const Clock::Duration age = clock_.steady_now() - progress.since;
  std::size_t next = 0;
  while (!progress.is_new && next + 1 < schedule.size() && schedule[next] <= age) ++next;
  for (; next < schedule.size(); ++next) {
    const Clock::Duration wait = progress.since + schedule[next] - clock_.steady_now();
    if (wait > Clock::Duration::zero()) co_await clock_.sleep(wait);
    const Turns::Turn turn = co_await looks_.take();
    if (co_await look()) co_return;
  }
}

// There may always be one more.
Awaitable<bool> Janitor::find_and_deregister(std::string container_id) {
  co_await backend_.deregister_all(std::move(container_id));
  co_return false;
}

Awaitable<bool> Janitor::find_and_stop(Launch launch, std::string reason) {
  const auto task = co_await backend_.find_task(std::move(launch));
  if (!task) co_return false;
  log.info("task of a lost launch found", {{"task", *task}});
  co_await backend_.stop(*task, std::move(reason));
  co_return true;
}

Awaitable<void> Janitor::carry_out(std::string key, Progress progress) {
  const Duty duty = duties_.at(key);
  Clock::Duration wait = kFirstRetry;
  for (;;) {
    try {
      co_await attempt(duty, progress);
      break;
    } catch (const Error& error) {
      log.warn("clean-up failed, will be tried again", {{"subject", subject(duty)}, {"error", error.what()}});
    }
    progress.is_new = false;
    co_await clock_.sleep(wait);
    wait = std::min(wait * 2, kLongestRetry);
  }
  duties_.erase(key);
  co_await store_.erase(kTable, key);
}

}  // namespace sockerless::core
