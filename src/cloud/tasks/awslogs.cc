#include "cloud/tasks/awslogs.h"

#include <fmt/format.h>

#include "base/log.h"
#include "cloud/front/api_error.h"
#include "cloud/tasks/volumes.h"

namespace sockerless::cloud {
namespace {

const Logger log("awslogs");

}  // namespace

std::shared_ptr<Awslogs> Awslogs::open(const ecs::ContainerDefinition& container, const std::string& task_id,
                                       logs::LogStore& store) {
  if (!container.log_configuration) return nullptr;
  const auto& options = container.log_configuration->options;
  const std::string& group = options.at("awslogs-group");
  const std::string name = fmt::format("{}/{}/{}", options.at("awslogs-stream-prefix"), container.name, task_id);
  try {
    const auto create = options.find("awslogs-create-group");
    if (create != options.end() && create->second == "true" && !store.has_group(group)) {
      store.create_group(group);
    }
    return std::make_shared<Awslogs>(store.create_stream(group, name), store);
  } catch (const ApiError& error) {
    throw InitializationError(
        fmt::format("failed to validate logger args: create stream has been retried 1 times: failed to create "
                    "Cloudwatch log stream: {}: {} : exit status 1",
                    error.code(), error.what()));
  }
}

void Awslogs::write(int source, std::string_view bytes) {
  const std::int64_t now = store_.now_ms();
  std::vector<logs::InputEvent> events;
  splitters_[source == 2 ? 1 : 0].feed(bytes, [&](std::string message) {
    events.push_back({now, std::move(message)});
  });
  store(std::move(events));
}

void Awslogs::finish() {
  const std::int64_t now = store_.now_ms();
  std::vector<logs::InputEvent> events;
  for (LineSplitter& splitter : splitters_) {
    splitter.finish([&](std::string message) { events.push_back({now, std::move(message)}); });
  }
  store(std::move(events));
  stream_->file.close();
}

// A full disk costs lines and not the task, as a failing CloudWatch does.
void Awslogs::store(std::vector<logs::InputEvent> events) {
  try {
    store_.append(*stream_, std::move(events));
    is_failing_ = false;
  } catch (const Error& error) {
    if (!is_failing_) {
      log.error("log lines lost", {{"stream", stream_->name}, {"error", error.what()}});
    }
    is_failing_ = true;
  }
}

}  // namespace sockerless::cloud
