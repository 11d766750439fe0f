#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace sockerless::agent {

// What time it is, and how to wait: what tests replace to move time by hand.
class LoopTime {
 public:
  virtual ~LoopTime() = default;

  // Milliseconds of a clock that never goes back.
  virtual std::int64_t now() = 0;

  // As epoll_wait.
  virtual int wait(int epoll, epoll_event* events, int size, int timeout) = 0;
};

LoopTime& real_time();

// The agent's one thread: waits for file descriptors and timers and calls back. Callbacks may add
// and remove watches and timers freely.
class Loop {
 public:
  using Watcher = std::function<void(std::uint32_t events)>;
  using TimerId = std::uint64_t;  // 0 is no timer

  explicit Loop(LoopTime& time = real_time());
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Calls back on the events (EPOLLIN, EPOLLOUT) and on errors. False if the descriptor cannot be
  // waited for because it never blocks (a regular file).
  bool watch(int fd, std::uint32_t events, Watcher watcher);

  // 0 silences the descriptor completely, a hang-up included.
  void change(int fd, std::uint32_t events);

  // Before the descriptor is closed.
  void forget(int fd);

  TimerId after(int milliseconds, std::function<void()> call);
  void cancel(TimerId& timer);

  // Calls once the current callbacks have returned.
  void defer(std::function<void()> call) { deferred_.push_back(std::move(call)); }

  void run();
  void stop() { is_stopped_ = true; }

  std::int64_t now() const { return time_.now(); }

 private:
  struct Watch {
    std::uint32_t generation = 0;
    std::uint32_t events = 0;
    Watcher watcher;
  };

  bool control(int operation, int fd, const Watch& watch);
  int next_timeout() const;
  void run_timers();
  void run_deferred();

  LoopTime& time_;
  int epoll_;
  bool is_stopped_ = false;
  std::uint32_t next_generation_ = 1;
  std::map<int, std::shared_ptr<Watch>> watches_;
  TimerId next_timer_ = 1;
  std::map<std::pair<std::int64_t, TimerId>, std::function<void()>> timers_;
  std::map<TimerId, std::int64_t> deadlines_;
  std::vector<std::function<void()>> deferred_;
};

}  // namespace sockerless::agent
