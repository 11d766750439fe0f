#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/hub/agent_process.h"
#include "agent/hub/hub_fixture.h"

namespace sockerless::agent {

enum class ConnectBy { forward, reverse };

std::string name_of_way(const testing::TestParamInfo<ConnectBy>& info);

// What a session's client has read so far.
struct Collected {
  std::string out;
  std::string err;
  bool is_ended = false;
  std::string failure;
};

// The built agent program against the hub, over loopback, in both ways to connect.
class AgentProgram : public HubFixture, public testing::WithParamInterface<ConnectBy> {
 protected:
  void SetUp() override { expect_container(); }
  void TearDown() override;

  void start(std::vector<std::string> command, std::vector<std::string> variables = {});
  static std::vector<std::string> environment(std::vector<std::string> variables);
  std::vector<std::string> listen_or_call();

  // A held command with an attached client, then go.
  std::unique_ptr<StreamSession> start_attached(std::vector<std::string> command,
                                                std::vector<std::string> variables = {});

  void read_in_background(StreamSession& session) { read_in_background(session, collected_); }
  void read_in_background(StreamSession& session, Collected& into);

  void wait_for_report(const std::string& report) {
    run_until([&] { return listener_.has(report); });
  }
  int acknowledged_exit_code();
  int exit_code();

  std::unique_ptr<AgentProcess> agent_;
  Collected collected_;
  bool collect_output_ = true;
  bool own_process_space_ = false;
  int user_ = 0;  // whom the agent runs as
  int listener_fd_ = -1;
  int agent_port_ = 0;
};

}  // namespace sockerless::agent
