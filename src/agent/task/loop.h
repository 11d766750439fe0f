#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace sockerless::agent {

// The agent's one thread: waits for file descriptors and timers and calls back. Callbacks may add
// and remove watches and timers freely.
class Loop {
 public:
  using Watcher = std::function<void(std::uint32_t events)>;
  using TimerId = std::uint64_t;  // 0 is no timer

  Loop();
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

  static std::int64_t now_milliseconds();

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
