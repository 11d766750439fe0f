#include "tests/support/fake_backend.h"

#include <deque>

#include "base/open_outcome.h"

namespace sockerless::test {
namespace {

class FakeSession final : public core::AttachSession {
 public:
  explicit FakeSession(const std::vector<core::OutputPart>& parts) : parts_(parts.begin(), parts.end()) {}

  Awaitable<std::optional<core::OutputPart>> read() override {
    if (parts_.empty()) co_return std::nullopt;
    core::OutputPart part = parts_.front();
    parts_.pop_front();
    co_return part;
  }
  Awaitable<void> write(std::string) override { co_return; }
  void close_stdin() override {}

 private:
  std::deque<core::OutputPart> parts_;
};

}  // namespace

void FakeBackend::refuse(const Error& error) {
  ++refusals;
  if (leaves_outcomes_open) throw Open(error);
  throw Error(error);
}

Awaitable<core::Registration> FakeBackend::register_container(core::Container container) {
  if (refuse_register) refuse(*refuse_register);
  registered.push_back(container.id);
  co_return core::Registration{"definition-" + container.name, {}};
}

Awaitable<core::LaunchedTask> FakeBackend::launch(core::Container container, core::Launch launch) {
  if (before_launch_is_refused) {
    before_launch_is_refused();
    // What came of it is on disk before the refusal.
    for (int turn = 0; turn < 20; ++turn) co_await asio::post(asio::use_awaitable);
  }
  if (refuse_launch) refuse(*refuse_launch);
  launched.push_back(launch.id);
  co_return core::LaunchedTask{"task-" + container.name, container.definition};
}

Awaitable<std::optional<std::string>> FakeBackend::find_task(core::Launch) { co_return task_to_find; }

void FakeBackend::watch(std::string container_id, core::Launch launch) { watched[std::move(container_id)] = launch.id; }

void FakeBackend::unwatch(std::string launch_id) {
  std::erase_if(watched, [&](const auto& item) { return item.second == launch_id; });
}

Awaitable<void> FakeBackend::stop(std::string task, std::string) {
  if (refuse_stop) refuse(*refuse_stop);
  stopped.push_back(std::move(task));
  co_return;
}

Awaitable<void> FakeBackend::deregister(std::string definition) {
  deregistered.push_back(std::move(definition));
  co_return;
}

Awaitable<void> FakeBackend::deregister_all(std::string container_id) {
  if (std::count(abandoned.begin(), abandoned.end(), container_id) == 0) abandoned.push_back(container_id);
  co_return;
}

Awaitable<core::LogPage> FakeBackend::read_logs(core::LogQuery query) {
  if (refuse_logs) throw Error(*refuse_logs);
  core::LogPage page{.cursor = "end", .at_end = query.cursor == "end"};
  if (!page.at_end) page.events = log;
  co_return page;
}

void FakeBackend::task_is_launching(const std::string& container_id) {
  observer_->task_changed({.container_id = container_id,
                           .launch_id = watched.at(container_id),
                           .phase = core::TaskReport::Phase::pending,
                           .address = "10.0.0.1"});
}

void FakeBackend::task_runs(const std::string& container_id) {
  observer_->task_changed({.container_id = container_id,
                           .launch_id = watched.at(container_id),
                           .phase = core::TaskReport::Phase::running,
                           .address = "10.0.0.1"});
}

void FakeBackend::task_stops(const std::string& container_id, std::optional<int> exit_code, std::string reason) {
  observer_->task_changed({.container_id = container_id,
                           .launch_id = watched.at(container_id),
                           .phase = core::TaskReport::Phase::stopped,
                           .exit_code = exit_code,
                           .reason = std::move(reason)});
}

void FakeAgents::expect(const core::Container& container) { expected_[container.id] = container.current_launch()->id; }

void FakeAgents::forget(const std::string& container_id) {
  expected_.erase(container_id);
  connected_.erase(container_id);
}

bool FakeAgents::is_connected(const std::string& container_id) const { return connected_.contains(container_id); }

void FakeAgents::acknowledge_exit(const std::string& container_id) { connected_.erase(container_id); }

Awaitable<std::unique_ptr<core::AttachSession>> FakeAgents::attach(core::Container, core::AttachStreams) {
  co_return std::make_unique<FakeSession>(output);
}

Awaitable<void> FakeAgents::signal(core::Container container, int signal) {
  signals.emplace_back(container.id, signal);
  co_return;
}

Awaitable<void> FakeAgents::resize(core::Container, int, int) { co_return; }

void FakeAgents::connects(const std::string& container_id) {
  connected_[container_id] = true;
  observer_->agent_connected(container_id, expected_.at(container_id));
}

void FakeAgents::starts(const std::string& container_id) {
  observer_->agent_started(container_id, expected_.at(container_id), 7);
}

void FakeAgents::fails_to_start(const std::string& container_id, int exit_code, std::string text) {
  observer_->agent_start_failed(container_id, expected_.at(container_id), exit_code, std::move(text));
}

void FakeAgents::exits(const std::string& container_id, int exit_code) {
  observer_->agent_exited(container_id, expected_.at(container_id), exit_code, 0);
}

}  // namespace sockerless::test
