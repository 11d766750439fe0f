#pragma once

#include "agent/hub/hub.h"
#include "core/driver.h"

namespace sockerless::drivers {

enum class AgentMode {
  forward,  // the daemon dials the task's address
  reverse,  // the agent calls the daemon
};

// Core's view of the agents, on the agent hub: passes what core decides down and what agents report
// up.
class AgentGateway final : public core::Agents, public agent::Listener {
 public:
  AgentGateway(Executor executor, Clock& clock, AgentMode mode);

  agent::Hub& hub() { return hub_; }

  // core::Agents
  void report_to(core::AgentObserver& observer) override { observer_ = &observer; }
  void expect(const core::Container& container) override;
  void forget(const std::string& container_id) override { hub_.forget(container_id); }
  void task_address(const std::string& container_id, const std::string& address, bool is_running) override;
  bool is_connected(const std::string& container_id) const override;
  void release(const std::string& container_id) override { hub_.release(container_id); }
  void acknowledge_exit(const std::string& container_id) override;

  // agent::Listener
  void agent_connected(const std::string& container_id, const std::string& launch_id,
                       const agent::Hello& hello) override;
  void agent_started(const std::string& container_id, const std::string& launch_id, std::uint32_t pid) override;
  void agent_start_failed(const std::string& container_id, const std::string& launch_id, int error_number,
                          std::string text) override;
  void agent_exited(const std::string& container_id, const std::string& launch_id, int code,
                    std::optional<long> log_events) override;
  void agent_lost(const std::string& container_id, const std::string& launch_id) override;

 private:
  AgentMode mode_;
  core::AgentObserver* observer_ = nullptr;
  agent::Hub hub_;
};

}  // namespace sockerless::drivers
