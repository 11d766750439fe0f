#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/async.h"
#include "base/clock.h"
#include "cloud/front/sessions.h"
#include "cloud/metadata/statistics.h"
#include "cloud/tasks/tasks.h"
#include "http/exchange.h"
#include "http/router.h"

namespace sockerless::cloud {

// What tasks find at 169.254.170.2: metadata of themselves, statistics, and the credentials of their
// role. Each container knows its own paths from its environment. Served where only tasks get to; see
// Runner::take_service_socket.
class MetadataService {
 public:
  // Where a container's statistics come from. Throws Error(not_found) for one that does not run.
  using Sampler = std::function<Awaitable<metadata::Sample>(std::string container_id, std::string task_id)>;

  MetadataService(Tasks& tasks, Sessions& sessions, Clock& clock, Sampler sampler);

  Awaitable<void> handle(http::Exchange& exchange);

 private:
  // What is remembered of a task that has asked for something.
  struct Guest {
    double calls_left = 0;  // of its rate limit
    std::chrono::steady_clock::time_point at;
    std::string access_key_id;                        // of its last session
    std::map<std::string, metadata::Sample> samples;  // the last of each container
  };
  struct Found {
    TaskRun& task;
    const TaskRun::ContainerRun& container;
  };

  // Throws Error(not_found).
  Found find(const std::string& container_id);
  Guest& admit(const std::string& task_id);
  Guest& guest(const std::string& task_id);
  using Show = Awaitable<void> (MetadataService::*)(http::Exchange&);
  Awaitable<void> show_container(http::Exchange& exchange);
  Awaitable<void> show_task(http::Exchange& exchange);
  Awaitable<void> show_task_with_tags(http::Exchange& exchange);
  Awaitable<void> show_statistics(http::Exchange& exchange);
  Awaitable<void> show_task_statistics(http::Exchange& exchange);
  Awaitable<metadata::Statistics> measure(std::string task_id, std::string container_id, std::string name);
  Awaitable<void> show_credentials(http::Exchange& exchange);
  Awaitable<void> show_protection(http::Exchange& exchange);

  Tasks& tasks_;
  Sessions& sessions_;
  Clock& clock_;
  Sampler sampler_;
  http::Router router_;
  std::map<std::string, Guest> guests_;
};

}  // namespace sockerless::cloud
