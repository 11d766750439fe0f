#pragma once

#include "base/async.h"
#include "cloud/faults/cloud_clock.h"
#include "cloud/faults/faults.h"
#include "cloud/tasks/tasks.h"
#include "http/exchange.h"
#include "http/router.h"

namespace sockerless::cloud {

// The admin API: faults, the cloud's clock, and what befalls single tasks, for tests. JSON over HTTP,
// unauthenticated, so it is served on a loopback address only. Its reference is docs/local-cloud.md.
class Admin {
 public:
  Admin(Faults& faults, CloudClock& clock, Tasks& tasks);

  // Throws Error(invalid_argument) for an address that is not on the loopback interface.
  static void check_address(const std::string& host);

  Awaitable<void> handle(http::Exchange& exchange);

 private:
  void add_fault_routes(Faults& faults);
  void add_clock_routes(CloudClock& clock);
  void add_task_routes(Tasks& tasks);

  http::Router router_;
};

}  // namespace sockerless::cloud
