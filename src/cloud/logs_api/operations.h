#pragma once

#include "base/worker_pool.h"
#include "cloud/front/service.h"
#include "cloud/logs_api/log_store.h"

namespace sockerless::cloud::logs {

// What the operations work on. Must outlive the service.
struct LogsApi {
  LogStore& store;
  WorkerPool& pool;
};

void add_group_operations(Service& service, LogsApi& api);
void add_event_operations(Service& service, LogsApi& api);
void add_tag_operations(Service& service, LogsApi& api);

// Every operation of CloudWatch Logs that this cloud has.
Service make_service(LogsApi& api);

}  // namespace sockerless::cloud::logs
