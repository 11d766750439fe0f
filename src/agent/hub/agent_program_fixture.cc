#include "agent/hub/agent_program_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>

namespace sockerless::agent {
namespace {

Awaitable<void> collect(StreamSession& session, Collected& into) {
  while (auto output = co_await session.read()) (output->stream == 2 ? into.err : into.out) += output->bytes;
  into.is_ended = true;
}

}  // namespace

std::string name_of_way(const testing::TestParamInfo<ConnectBy>& info) {
  return info.param == ConnectBy::forward ? "Forward" : "Reverse";
}

void AgentProgram::TearDown() {
  agent_.reset();
  if (listener_fd_ >= 0) close(listener_fd_);
  HubFixture::TearDown();
}

void AgentProgram::start(std::vector<std::string> command, std::vector<std::string> variables) {
  AgentProcess::Settings settings;
  settings.arguments = listen_or_call();
  settings.arguments.emplace_back("--");
  settings.arguments.insert(settings.arguments.end(), command.begin(), command.end());
  settings.environment = environment(std::move(variables));
  settings.inherited_fd = listener_fd_;
  settings.collect_output = collect_output_;
  settings.own_process_space = own_process_space_;
  settings.user = user_;
  agent_ = std::make_unique<AgentProcess>(loop_, settings);
}

std::vector<std::string> AgentProgram::environment(std::vector<std::string> variables) {
  variables.insert(variables.end(), {"PATH=/usr/bin:/bin", "SOCKERLESS_CONTAINER_ID=c1", "SOCKERLESS_LAUNCH_ID=l1",
                                     "SOCKERLESS_AGENT_TOKEN=secret"});
  return variables;
}

std::vector<std::string> AgentProgram::listen_or_call() {
  if (GetParam() == ConnectBy::reverse) return {"--callback", callback_url()};
  listener_fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(listener_fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener_fd_, 16), 0);
  getsockname(listener_fd_, reinterpret_cast<sockaddr*>(&address), &size);
  agent_port_ = ntohs(address.sin_port);
  hub_.dial("c1", "127.0.0.1", agent_port_);
  return {"--addr", "fd:" + std::to_string(listener_fd_)};
}

std::unique_ptr<StreamSession> AgentProgram::start_attached(std::vector<std::string> command,
                                                            std::vector<std::string> variables) {
  variables.emplace_back("SOCKERLESS_AGENT_WAIT=1");
  start(std::move(command), std::move(variables));
  auto session = run(hub_.open("c1", attach_request(true, true, true)));
  hub_.release("c1");
  return session;
}

void AgentProgram::read_in_background(StreamSession& session, Collected& into) {
  asio::co_spawn(loop_, collect(session, into), [&into](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      into.failure = error.what();
    }
  });
}

int AgentProgram::acknowledged_exit_code() {
  run_until([&] { return !listener_.reports.empty() && listener_.reports.back().starts_with("exited"); });
  hub_.acknowledge_exit("c1");
  return exit_code();
}

int AgentProgram::exit_code() {
  run_until([&] { return agent_->exit_code().has_value(); });
  EXPECT_EQ(collected_.failure, "");
  return agent_->exit_code().value_or(-1);
}

}  // namespace sockerless::agent
