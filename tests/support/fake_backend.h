#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/backend.h"
#include "core/driver.h"

namespace sockerless::test {

// Runs no tasks, remembers what it was asked, and reports what the test says happens.
class FakeBackend : public core::Backend {
 public:
  void report_to(core::TaskObserver& observer) override { observer_ = &observer; }
  Awaitable<core::Registration> register_container(core::Container container) override;
  Awaitable<core::LaunchedTask> launch(core::Container container, core::Launch launch) override;
  Awaitable<std::optional<std::string>> find_task(core::Launch launch) override;
  void watch(std::string container_id, core::Launch launch) override;
  void unwatch(std::string launch_id) override;
  void agent_is_connected(std::string, bool) override {}
  Awaitable<void> stop(std::string task, std::string reason) override;
  Awaitable<void> deregister(std::string definition) override;
  Awaitable<void> deregister_all(std::string container_id) override;
  Awaitable<core::LogPage> read_logs(core::LogQuery query) override;

  // Tells core what the cloud sees of the container's current launch.
  void task_is_launching(const std::string& container_id);
  void task_runs(const std::string& container_id);
  void task_stops(const std::string& container_id, std::optional<int> exit_code, std::string reason = "");

  // How often it has launched, stopped or refused something.
  std::size_t answers() const { return launched.size() + stopped.size() + refusals; }

  std::optional<Error> refuse_register;
  std::optional<Error> refuse_launch;
  std::optional<Error> refuse_stop;
  std::optional<Error> refuse_logs;
  bool leaves_outcomes_open = false;  // of those but the logs: the answer was lost
  std::function<void()> before_launch_is_refused;
  std::optional<std::string> task_to_find;
  std::vector<core::LogEvent> log;  // of every container

  std::vector<std::string> registered;         // container ids
  std::vector<std::string> launched;           // launch ids
  std::vector<std::string> stopped;            // tasks
  std::vector<std::string> abandoned;          // container ids
  std::vector<std::string> deregistered;       // definitions
  std::map<std::string, std::string> watched;  // launch ids by container id
  std::size_t refusals = 0;

 private:
  [[noreturn]] void refuse(const Error& error);

  core::TaskObserver* observer_ = nullptr;
};

// Agents that connect, report and write what the test says.
class FakeAgents final : public core::Agents, public core::ProcessDriver {
 public:
  // core::Agents
  void report_to(core::AgentObserver& observer) override { observer_ = &observer; }
  void expect(const core::Container& container) override;
  void forget(const std::string& container_id) override;
  void task_address(const std::string&, const std::string& address, bool is_running) override {
    addresses.emplace_back(address, is_running);
  }
  bool is_connected(const std::string& container_id) const override;
  void release(const std::string& container_id) override { released.push_back(container_id); }
  void acknowledge_exit(const std::string& container_id) override;

  // core::ProcessDriver
  std::string_view name() const override { return "fake"; }
  bool serves(const core::Container&) const override { return true; }
  Awaitable<std::unique_ptr<core::AttachSession>> attach(core::Container container,
                                                         core::AttachStreams streams) override;
  Awaitable<void> signal(core::Container container, int signal) override;
  Awaitable<void> resize(core::Container container, int rows, int columns) override;

  void connects(const std::string& container_id);
  void starts(const std::string& container_id);
  void fails_to_start(const std::string& container_id, int exit_code, std::string text);
  void exits(const std::string& container_id, int exit_code);

  std::vector<core::OutputPart> output;  // what every attached client reads
  std::vector<std::string> released;
  std::vector<std::pair<std::string, int>> signals;
  std::vector<std::pair<std::string, bool>> addresses;  // and whether the task there runs

 private:
  core::AgentObserver* observer_ = nullptr;
  std::map<std::string, std::string> expected_;  // launch ids by container id
  std::map<std::string, bool> connected_;
};

}  // namespace sockerless::test
