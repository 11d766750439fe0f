#pragma once

#include <functional>
#include <string>

#include "agent/task/file_descriptor.h"
#include "agent/task/file_worker.h"
#include "agent/task/loop.h"

namespace sockerless::agent {

// The record of a container's files from before its command runs, which `docker diff` is told
// against. A process of its own makes it while the agent connects; it lies in memory that belongs
// to no process.
class Baseline {
 public:
  explicit Baseline(Loop& loop) : loop_(loop) {}
  ~Baseline() { stop(); }
  Baseline(const Baseline&) = delete;
  Baseline& operator=(const Baseline&) = delete;

  // Calls `recorded` when there is a record, or a failure: it may take two seconds, not more.
  void record(std::function<void()> recorded);

  bool is_pending() const { return static_cast<bool>(worker_.output); }

  // Empty if there is a record.
  const std::string& failure() const { return failure_; }

  // The record; -1 without one.
  int fd() const { return failure_.empty() && !is_pending() ? record_.get() : -1; }

 private:
  void read_end();
  void finish(std::string failure);
  void stop();

  Loop& loop_;
  FileDescriptor record_;
  FileWorker worker_;
  std::string messages_;
  std::string failure_;
  Loop::TimerId timer_ = 0;
  std::function<void()> recorded_;
};

}  // namespace sockerless::agent
