#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cloud/ecs_api/types/container_definition.h"
#include "cloud/logs_api/log_store.h"
#include "cloud/tasks/line_splitter.h"

namespace sockerless::cloud {

// The awslogs driver of one container: takes its output and writes lines to its log stream. Writing
// is synchronous, so that a container never gets ahead of its log: nothing is dropped.
class Awslogs {
 public:
  // Makes the stream PREFIX/CONTAINER/TASK, and the group if the options say so. Throws
  // InitializationError with Fargate's text. Null for a container without a log configuration.
  static std::shared_ptr<Awslogs> open(const ecs::ContainerDefinition& container, const std::string& task_id,
                                       logs::LogStore& store);

  Awslogs(std::shared_ptr<logs::Stream> stream, logs::LogStore& store) : stream_(std::move(stream)), store_(store) {}

  // `source` is 1 for stdout, 2 for stderr; lines of the two do not mix.
  void write(int source, std::string_view bytes);
  // The container has ended.
  void finish();

 private:
  void store(std::vector<logs::InputEvent> events);

  std::shared_ptr<logs::Stream> stream_;
  logs::LogStore& store_;
  LineSplitter splitters_[2];
  bool is_failing_ = false;
};

}  // namespace sockerless::cloud
