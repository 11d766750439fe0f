#pragma once

#include <functional>

#include "agent/task/loop.h"

namespace sockerless::agent {

// How long the command may run without a daemon, so that a task that everybody has forgotten ends by
// itself. Runs while no daemon is connected.
class Lease {
 public:
  // 0 seconds: for ever.
  Lease(Loop& loop, int seconds, std::function<void()> expired)
      : loop_(loop), seconds_(seconds), expired_(std::move(expired)) {}

  void run() {
    if (seconds_ > 0 && timer_ == 0) timer_ = loop_.after(seconds_ * 1000, [this] { end(); });
  }
  void hold() { loop_.cancel(timer_); }
  int seconds() const { return seconds_; }

 private:
  void end() {
    timer_ = 0;
    expired_();
  }

  Loop& loop_;
  int seconds_;
  std::function<void()> expired_;
  Loop::TimerId timer_ = 0;
};

}  // namespace sockerless::agent
