#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>

#include "base/async.h"
#include "base/event.h"
#include "cloud/images/descriptor.h"

namespace sockerless::cloud {

// A program that the runtime has started in a container, a child of this process by now.
struct ExecProcess {
  explicit ExecProcess(pid_t pid);

  // Reaps it when it has ended, and kills it if that takes longer than `limit`.
  static Awaitable<void> follow(std::shared_ptr<ExecProcess> self, Executor loop, std::chrono::nanoseconds limit);

  Descriptor process;
  int exit_code = 0;  // once it has ended
  Event ended;
};

}  // namespace sockerless::cloud
