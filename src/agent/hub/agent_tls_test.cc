// The built agent program, calling back over TLS.
#include "agent/hub/agent_process.h"
#include "agent/hub/hub_fixture.h"
#include "agent/hub/tls_proxy.h"

namespace sockerless::agent {
namespace {

class SecureAgent : public HubFixture {
 protected:
  void SetUp() override { expect_container(); }
  void TearDown() override {
    agent_.reset();
    proxy_.reset();
    HubFixture::TearDown();
  }

  // The daemon's certificate is for `host`; the agent calls localhost.
  void serve(const std::string& host) {
    certificate_.emplace(host);
    proxy_ = std::make_unique<TlsProxy>(*certificate_, port_);
  }

  void start(std::vector<std::string> command, std::vector<std::string> variables) {
    variables.insert(variables.end(), {"PATH=/usr/bin:/bin", "SOCKERLESS_CONTAINER_ID=c1", "SOCKERLESS_LAUNCH_ID=l1",
                                       "SOCKERLESS_AGENT_TOKEN=secret"});
    std::vector<std::string> arguments{"--callback", "wss://localhost:" + std::to_string(proxy_->port()), "--"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    agent_ = std::make_unique<AgentProcess>(
        loop_, AgentProcess::Settings{.arguments = std::move(arguments), .environment = std::move(variables)});
  }

  // The proxy counts in its own threads, so the loop has to come round for the claim to be seen.
  void expect_refusal() {
    tick();
    run_until([&] { return proxy_->failed_handshakes() > 0; });
    ticker_.reset();
    EXPECT_TRUE(listener_.reports.empty());
  }

  void tick() {
    ticker_ = system_clock_.after(std::chrono::milliseconds(10), [this] { tick(); });
  }

  std::unique_ptr<Clock::Timer> ticker_;

  std::optional<TestCertificate> certificate_;
  std::unique_ptr<TlsProxy> proxy_;
  std::unique_ptr<AgentProcess> agent_;
};

TEST_F(SecureAgent, CarriesEverythingOverTls) {
  serve("localhost");
  start({"sh", "-c", "head -c 1048576 /dev/zero; cat >/dev/null; exit 3"},
        {"SOCKERLESS_AGENT_CA=" + certificate_->certificate_file(), "SOCKERLESS_AGENT_WAIT=1",
         "SOCKERLESS_AGENT_STDIN=once"});
  const auto session = run(hub_.open("c1", attach_request(true, true, false)));
  hub_.release("c1");
  std::size_t received = 0;
  while (received < 1048576) received += run(session->read())->bytes.size();
  run(session->write(std::string(1048576, 'i')));
  session->close_stdin();
  run_until([&] { return listener_.has("exited 3 events 5"); });
  hub_.acknowledge_exit("c1");
  run_until([&] { return agent_->exit_code().has_value(); });
  EXPECT_EQ(agent_->exit_code(), 3);
}

TEST_F(SecureAgent, TakesTheAuthorityAsText) {
  serve("localhost");
  start({"sleep", "1000"}, {"SOCKERLESS_AGENT_CA=" + certificate_->pem()});
  run_until([&] { return listener_.has("started"); });
}

TEST_F(SecureAgent, NameInTheCertificateCanBeGiven) {
  serve("daemon.example");
  start({"sleep", "1000"},
        {"SOCKERLESS_AGENT_CA=" + certificate_->certificate_file(), "SOCKERLESS_AGENT_TLS_SERVER_NAME=daemon.example"});
  run_until([&] { return listener_.has("started"); });
}

TEST_F(SecureAgent, RefusesAnotherName) {
  serve("daemon.example");
  start({"sleep", "1000"}, {"SOCKERLESS_AGENT_CA=" + certificate_->certificate_file()});
  expect_refusal();
}

TEST_F(SecureAgent, RefusesACertificateOfUnknownOrigin) {
  serve("localhost");
  const TestCertificate other("localhost");
  start({"sleep", "1000"}, {"SOCKERLESS_AGENT_CA=" + other.certificate_file()});
  expect_refusal();
}

}  // namespace
}  // namespace sockerless::agent
