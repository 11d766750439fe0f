#include "drivers/agent_gateway.h"

#include <cerrno>

#include "core/agent_port.h"

namespace sockerless::drivers {
namespace {

constexpr int kNotFound = 127;  // the shell's exit codes for what cannot be run
constexpr int kNotExecutable = 126;

}  // namespace

AgentGateway::AgentGateway(Executor executor, Clock& clock, AgentMode mode)
    : mode_(mode), hub_(std::move(executor), clock, *this) {}

void AgentGateway::expect(const core::Container& container) {
  hub_.expect({container.id, container.current_launch()->id, Secret(container.agent_token)});
}

void AgentGateway::task_address(const std::string& container_id, const std::string& address, bool is_running) {
  if (mode_ != AgentMode::forward) return;
  hub_.dial(container_id, address, core::kAgentPort,
            is_running ? agent::TaskPhase::running : agent::TaskPhase::launching);
}

bool AgentGateway::is_connected(const std::string& container_id) const { return hub_.connected(container_id); }

void AgentGateway::acknowledge_exit(const std::string& container_id) { hub_.acknowledge_exit(container_id); }

void AgentGateway::agent_connected(const std::string& container_id, const std::string& launch_id, const agent::Hello&) {
  observer_->agent_connected(container_id, launch_id);
}

void AgentGateway::agent_started(const std::string& container_id, const std::string& launch_id, std::uint32_t pid) {
  observer_->agent_started(container_id, launch_id, static_cast<int>(pid));
}

void AgentGateway::agent_start_failed(const std::string& container_id, const std::string& launch_id, int error_number,
                                      std::string text) {
  observer_->agent_start_failed(container_id, launch_id, error_number == ENOENT ? kNotFound : kNotExecutable,
                                std::move(text));
}

void AgentGateway::agent_exited(const std::string& container_id, const std::string& launch_id, int code,
                                std::optional<long> log_events) {
  observer_->agent_exited(container_id, launch_id, code, log_events);
}

void AgentGateway::agent_lost(const std::string& container_id, const std::string& launch_id) {
  observer_->agent_lost(container_id, launch_id);
}

}  // namespace sockerless::drivers
