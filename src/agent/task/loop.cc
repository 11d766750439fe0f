#include "agent/task/loop.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>

namespace sockerless::agent {

namespace {

class RealTime final : public LoopTime {
 public:
  std::int64_t now() override {
    const auto time = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  }
  int wait(int epoll, epoll_event* events, int size, int timeout) override {
    return epoll_wait(epoll, events, size, timeout);
  }
};

}  // namespace

LoopTime& real_time() {
  static RealTime time;
  return time;
}

Loop::Loop(LoopTime& time) : time_(time), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Loop::~Loop() { close(epoll_); }

// The generation tells an event of a closed descriptor from one of its successor of that number.
bool Loop::control(int operation, int fd, const Watch& watch) {
  epoll_event event{};
  event.events = watch.events;
  event.data.u64 = static_cast<std::uint64_t>(watch.generation) << 32 | static_cast<std::uint32_t>(fd);
  return epoll_ctl(epoll_, operation, fd, &event) == 0;
}

bool Loop::watch(int fd, std::uint32_t events, Watcher watcher) {
  auto watch = std::make_shared<Watch>();
  watch->generation = next_generation_++;
  watch->events = events;
  watch->watcher = std::move(watcher);
  if (events != 0 && !control(EPOLL_CTL_ADD, fd, *watch)) return false;
  watches_[fd] = std::move(watch);
  return true;
}

void Loop::change(int fd, std::uint32_t events) {
  const auto found = watches_.find(fd);
  if (found == watches_.end() || found->second->events == events) return;
  Watch& watch = *found->second;
  const int operation = events == 0 ? EPOLL_CTL_DEL : watch.events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  watch.events = events;
  control(operation, fd, watch);
}

void Loop::forget(int fd) {
  change(fd, 0);
  watches_.erase(fd);
}

Loop::TimerId Loop::after(int milliseconds, std::function<void()> call) {
  const TimerId id = next_timer_++;
  const std::int64_t deadline = now() + milliseconds;
  timers_.emplace(std::pair(deadline, id), std::move(call));
  deadlines_.emplace(id, deadline);
  return id;
}

void Loop::cancel(TimerId& timer) {
  const auto found = deadlines_.find(timer);
  if (found != deadlines_.end()) {
    timers_.erase(std::pair(found->second, timer));
    deadlines_.erase(found);
  }
  timer = 0;
}

int Loop::next_timeout() const {
  if (!deferred_.empty()) return 0;
  if (timers_.empty()) return -1;
  const std::int64_t left = timers_.begin()->first.first - now();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

void Loop::run_timers() {
  const std::int64_t now = time_.now();
  while (!is_stopped_ && !timers_.empty() && timers_.begin()->first.first <= now) {
    const auto first = timers_.begin();
    const auto call = std::move(first->second);
    deadlines_.erase(first->first.second);
    timers_.erase(first);
    call();
  }
}

void Loop::run_deferred() {
  while (!is_stopped_ && !deferred_.empty()) {
    const auto calls = std::move(deferred_);
    deferred_.clear();
    for (const auto& call : calls) call();
  }
}

void Loop::run() {
  std::array<epoll_event, 32> events;
  run_deferred();
  while (!is_stopped_) {
    const int count = time_.wait(epoll_, events.data(), static_cast<int>(events.size()), next_timeout());
    if (count < 0 && errno != EINTR) return;
    for (int i = 0; i < count && !is_stopped_; ++i) {
      const std::uint64_t key = events[static_cast<std::size_t>(i)].data.u64;
      const auto found = watches_.find(static_cast<int>(key & 0xffffffffU));
      if (found == watches_.end() || found->second->generation != key >> 32) continue;
      const auto watch = found->second;  // the callback may forget it
      if (watch->events != 0) watch->watcher(events[static_cast<std::size_t>(i)].events);
    }
    run_timers();
    run_deferred();
  }
}

}  // namespace sockerless::agent
