#include "drivers/agent_exec_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "agent/protocol/exec.h"

namespace sockerless::drivers {
namespace {

constexpr std::size_t kRoomForFrame = 1024;  // what a frame holds beside the parameters

class AgentExecSession final : public core::ExecSession {
 public:
  AgentExecSession(agent::Hub& hub, std::string container_id, std::unique_ptr<agent::StreamSession> session)
      : hub_(hub), container_id_(std::move(container_id)), session_(std::move(session)) {}

  Awaitable<std::optional<core::OutputPart>> read() override {
    auto output = co_await session_->read();
    if (output) co_return core::OutputPart{output->stream, std::move(output->bytes)};
    exit_code_ = co_await session_->result();
    co_return std::nullopt;
  }
  Awaitable<void> write(std::string bytes) override { return session_->write(std::move(bytes)); }
  void close_stdin() override { session_->close_stdin(); }

  int pid() const override { return static_cast<int>(agent::decode_exec_answer(session_->answer()).value_or(0)); }
  int exit_code() const override { return exit_code_; }

  Awaitable<void> resize(core::TerminalSize size) override {
    check_running();
    return hub_.resize(container_id_, size.rows, size.columns, session_->id());
  }
  Awaitable<void> signal(int signal) override {
    check_running();
    return hub_.signal(container_id_, signal, session_->id());
  }

 private:
  // Behind a lost connection the session's number is somebody else's.
  void check_running() const {
    if (session_->is_over()) throw Error(ErrorKind::conflict, "the process has already ended");
  }

  agent::Hub& hub_;
  std::string container_id_;
  std::unique_ptr<agent::StreamSession> session_;
  int exit_code_ = 0;
};

bool has_variable(const std::vector<std::string>& environment, std::string_view name) {
  return std::any_of(environment.begin(), environment.end(), [name](std::string_view variable) {
    return variable.starts_with(name) && variable.size() > name.size() && variable[name.size()] == '=';
  });
}

// What depends on the exec itself, as the engine sets it: the container's process may have another
// terminal and another home than this one.
std::vector<std::string> environment_of(const core::Container& container, const core::ExecCommand& command) {
  const std::vector<std::string>& of_container = container.config.env;
  std::vector<std::string> environment;
  if (!has_variable(of_container, "TERM")) {
    if (command.tty) {
      environment.emplace_back("TERM=xterm");
    } else if (container.config.tty) {
      environment.emplace_back("TERM");
    }
  }
  for (const std::string& variable : of_container) {
    if (!command.user.empty() && variable.starts_with("HOME=")) environment.push_back(variable);
  }
  environment.insert(environment.end(), command.environment.begin(), command.environment.end());
  return environment;
}

agent::StreamRequest request_of(const core::Container& container, core::ExecCommand command) {
  agent::ExecParameters parameters;
  parameters.environment = environment_of(container, command);
  parameters.arguments = std::move(command.arguments);
  parameters.working_directory = std::move(command.working_directory);
  parameters.user = std::move(command.user);
  parameters.tty = command.tty;
  parameters.standard_in = command.streams.standard_in;
  parameters.standard_out = command.streams.standard_out;
  parameters.standard_error = command.streams.standard_error;
  if (command.size) {
    parameters.rows = static_cast<std::uint16_t>(command.size->rows);
    parameters.columns = static_cast<std::uint16_t>(command.size->columns);
  }
  agent::StreamRequest request{.kind = agent::SessionKind::exec,
                               .parameters = encode(parameters),
                               .standard_in = parameters.standard_in,
                               .standard_out = parameters.standard_out || (parameters.tty && parameters.standard_error),
                               .standard_error = parameters.standard_error && !parameters.tty};
  if (request.parameters.size() + kRoomForFrame > agent::kMaxMessage) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("exec /{}: argument list too long: arguments and environment have {} bytes, "
                            "of which 4 MiB reach the container",
                            parameters.arguments[0], request.parameters.size()));
  }
  return request;
}

// Everything that the agent refuses is to blame on the request; only a lost agent is not.
Awaitable<std::unique_ptr<agent::StreamSession>> open(agent::Hub& hub, std::string container_id,
                                                      agent::StreamRequest request) {
  try {
    co_return co_await hub.open(std::move(container_id), std::move(request));
  } catch (const agent::SessionFailure& failure) {
    if (failure.error_number() == ENOSYS) throw;
    throw Error(ErrorKind::invalid_argument, failure.what());
  }
}

}  // namespace

Awaitable<std::unique_ptr<core::ExecSession>> AgentExecDriver::exec(core::Container container,
                                                                    core::ExecCommand command) {
  auto session = co_await open(hub_, container.id, request_of(container, std::move(command)));
  co_return std::make_unique<AgentExecSession>(hub_, container.id, std::move(session));
}

Awaitable<void> AgentExecDriver::check_user(core::Container container, std::string user) {
  agent::ExecParameters parameters;
  parameters.arguments = {"true"};
  parameters.user = std::move(user);
  parameters.only_check_user = true;
  co_await open(hub_, container.id, {.kind = agent::SessionKind::exec, .parameters = encode(parameters)});
}

}  // namespace sockerless::drivers
